/** `investigate` and `report` as a shell sees them, and a card of hostile text. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { displayWidth } from '../../cli/output/display-width.js';
import { renderInvestigation } from '../../cli/output/investigation-card.js';
import { plainStyle } from '../../cli/output/style.js';
import type { Investigation } from '../../queries/investigation/investigate.js';
import { packageRoot } from '../../store/sql-files.js';
import { mmdb } from '../detectors/mmdb.js';
import { temporaryFolder } from '../lake.js';
import { hostileInvestigation } from '../reports/hostile-report.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');
const dataDir = temporaryFolder('investigate');

const textOf = (page: string): string => page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

function bucketwatch(...args: string[]): SpawnSyncReturns<string> {
  const options = ['--data-dir', dataDir, ...(args.includes('--config') ? [] : ['--config', demo])];
  return spawnSync(process.execPath, [program, ...args, ...options], {
    encoding: 'utf8',
    maxBuffer: 64e6,
    env: { ...process.env, NO_COLOR: '1' },
  });
}

beforeAll(() => {
  const { status, stderr } = bucketwatch('run', '--quiet');
  if (status !== 0) throw new Error(`the demonstration exits with ${status}: ${stderr}`);
});

describe('investigate', () => {
  it('prints one JSON object with the SQL of every section', () => {
    const { status, stdout } = bucketwatch('investigate', 'role/customer-portal', '--format', 'json');
    expect(status).toBe(0);
    const answer = JSON.parse(stdout) as Investigation;
    expect(answer).toMatchObject({ kind: 'principal', subject: 'arn:aws:iam::111122223333:role/customer-portal' });
    for (const { query } of answer.sections) expect(query).toMatch(/\bselect\b/);
  });

  it('prints SQL that query takes as it is', () => {
    const { stdout } = bucketwatch('investigate', '203.0.113.77');
    const [, sql] = /\n-- What\n(.*?)\n\n-- /s.exec(stdout)!;
    const answer = bucketwatch('query', sql!, '--format', 'jsonl');
    expect([answer.status, answer.stderr]).toEqual([0, '']);
    expect(answer.stdout.split('\n').length).toBeGreaterThan(10);
  });

  it('says what a word could be as well, and takes --as at its word', () => {
    const { stdout } = bucketwatch('investigate', 'app-api', '--format', 'json');
    expect((JSON.parse(stdout) as Investigation).kind).toBe('principal');
    const forced = bucketwatch('investigate', 'app-api', '--as', 'bucket');
    expect(forced.status).toBe(2);
    expect(forced.stderr).toMatch(/^error: app-api: taken for a bucket, and not among the \d+ rows /);
  });

  it('exits 2 for what nobody has seen, and says over which days', () => {
    const { status, stderr, stdout } = bucketwatch('investigate', '192.0.2.1');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('the logs are of 2026-10-19 to 2026-11-13');
  });

  it('exits 2 for a period that ends before it begins', () => {
    const { status, stderr } = bucketwatch('investigate', '203.0.113.77', '--from', '2026-11-02', '--to', '2026-11-01');
    expect(status).toBe(2);
    expect(stderr).toContain('the period ends before it begins');
  });

  it('says when there is nothing in a period, and when there is', () => {
    const { status, stdout } = bucketwatch('investigate', '203.0.113.77', '--to', '2026-11-01', '--no-queries');
    expect(status).toBe(0);
    expect(stdout).toContain('no event of it in this period');
    const later = bucketwatch('investigate', '203.0.113.77', '--from', '2026-11-10', '--no-queries');
    expect(later.stdout).toContain('nothing in this period; it was seen between 2026-11-06 09:00');
  });
});

describe('report', () => {
  it('writes a file, says how large it is, and leaves nothing else behind', () => {
    const folder = temporaryFolder('report');
    const { status, stdout, stderr } = bucketwatch('report', '--out', path.join(folder, 'report.html'));
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/report\.html: \d+ KB, one file that needs nothing else\n$/);
    expect(fs.readdirSync(folder)).toEqual(['report.html']);
  });

  it('has a table of countries only when a database is configured', () => {
    const folder = temporaryFolder('countries');
    const database = mmdb('GeoLite2-Country', { '203.0.113.0/24': { country: { iso_code: 'NL' } } });
    fs.writeFileSync(path.join(folder, 'country.mmdb'), database);
    fs.writeFileSync(path.join(folder, 'bucketwatch.yaml'), 'geoip: { country: country.mmdb }\n');
    expect(textOf(bucketwatch('report', '--out', '-').stdout)).not.toContain('Countries');
    const located = bucketwatch('report', '--out', '-', '--config', path.join(folder, 'bucketwatch.yaml'));
    expect(located.stderr).toBe('');
    // One network, the /24 that the database knows.
    expect(textOf(located.stdout)).toMatch(/Netherlands \(NL\) [\d.]+ [KMG]?B [\d,]+ 1 /);
    expect(textOf(located.stdout)).toContain('unknown or private');
  });

  it('exits 2 when the file cannot be written', () => {
    const { status, stderr } = bucketwatch('report', '--out', '/nowhere/report.html');
    expect(status).toBe(2);
    expect(stderr).toContain('/nowhere/report.html: cannot be written (ENOENT)');
  });
});

describe('a card of hostile text', () => {
  it.each([null, 80, 120, 20])('at width %s shows all of itself and steers no terminal', (width) => {
    const card = renderInvestigation(hostileInvestigation, { width, style: plainStyle, hasQueries: true });
    // Controls, format characters such as bidi marks, and half characters.
    expect(card.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    if (width === null) return;
    const [head] = card.split('Queries: each runs');
    const wide = head!.split('\n').filter((line) => displayWidth(line) > Math.max(width, 20));
    expect(wide).toEqual([]);
  });
});
