/** Every `fixtures/logs/access-log/<name>.log` gives the rows and rejects of `<name>.expected.jsonl`; `.json.log` is JSON lines. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLog, type Row } from './access-log-harness.js';

const folder = path.join(import.meta.dirname, '../../fixtures/logs/access-log');
const logs = fs.readdirSync(folder).filter((name) => name.endsWith('.log'));

/** Lines of an object in order, without what all of them share. */
function linesOf(name: string): Row[] {
  const log = fs.readFileSync(path.join(folder, name));
  const { rows, rejects } = parseLog(log, { format: name.endsWith('.json.log') ? 'json' : 'text' });
  const lines = [...rows, ...rejects].sort((a, b) => Number(a['log_line']) - Number(b['log_line']));
  return lines.map(({ log_uri: _uri, log_type: _type, ...line }) => line);
}

function expectedOf(name: string): Row[] {
  const text = fs.readFileSync(path.join(folder, name.replace(/\.log$/, '.expected.jsonl')), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

describe('access-log fixtures', () => {
  it.each(logs)('%s gives its expected rows and rejects', (name) => {
    expect(linesOf(name)).toEqual(expectedOf(name));
  });

  it('has an expectation for every log and a log for every expectation', () => {
    const expectations = fs.readdirSync(folder).filter((name) => name.endsWith('.expected.jsonl'));
    expect(expectations.map((name) => name.replace(/\.expected\.jsonl$/, '.log')).sort()).toEqual([...logs].sort());
  });
});
