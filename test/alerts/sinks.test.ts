/** The two sinks that need no network. */
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonlSink } from '../../alerts/sinks/jsonl.js';
import { openSinks } from '../../alerts/sinks/open-sinks.js';
import { stdoutSink, type StdoutOptions } from '../../alerts/sinks/stdout.js';
import { temporaryFolder } from '../temporary-folder.js';
import { configOf } from './samples.js';
import { sampleAlert, sampleFinding, testSink } from './sink-conformance.js';

function parsedLines(text: string): unknown[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

function collector(format: 'json' | 'text' = 'json') {
  let text = '';
  let isBroken = false;
  const options: StdoutOptions = {
    name: 'stdout',
    config: { format },
    async write(chunk) {
      if (isBroken) throw new Error('EIO');
      text += chunk;
    },
    renderText: ({ title }) => `text: ${title}\n`,
  };
  const received = async (): Promise<unknown[]> => parsedLines(text);
  const breakDown = (): void => {
    isBroken = true;
  };
  return { options, text: () => text, received, breakDown };
}

testSink({
  name: 'stdout',
  open() {
    const { options, ...bench } = collector();
    return { sink: stdoutSink(options), ...bench };
  },
});

testSink({
  name: 'jsonl',
  open() {
    const folder = join(temporaryFolder('sinks'), 'out');
    mkdirSync(folder);
    const path = join(folder, 'findings.jsonl');
    return {
      sink: jsonlSink({ name: 'jsonl', path }),
      received: async () => (existsSync(path) ? parsedLines(readFileSync(path, 'utf8')) : []),
      breakDown: () => rmSync(folder, { recursive: true }),
    };
  },
});

test('stdout shows nothing but printable ASCII and line feeds', async () => {
  const { options, text } = collector();
  await stdoutSink(options).send([sampleAlert(sampleFinding({ key: '\u001b[2J \u202e ä \u{1f4a3}' }))]);
  expect(text()).toMatch(/^[\x20-\x7e]+\n$/);
});

test('stdout prints text for people when the config asks for it', async () => {
  const { options, text } = collector('text');
  await stdoutSink(options).send([sampleAlert()]);
  expect(text()).toBe('text: log objects deleted\n');
});

test('jsonl starts a new line behind half a line of a killed run', async () => {
  const path = join(temporaryFolder('sinks'), 'findings.jsonl');
  appendFileSync(path, '{"schema":"bucketwa');
  await jsonlSink({ name: 'jsonl', path }).send([sampleAlert()]);
  const [half, whole, end] = readFileSync(path, 'utf8').split('\n');
  expect([half, JSON.parse(whole!), end]).toEqual(['{"schema":"bucketwa', sampleFinding(), '']);
});

test('jsonl makes no folder, because a wrong path is more likely than a missing folder', async () => {
  const path = join(temporaryFolder('sinks'), 'missing', 'findings.jsonl');
  await expect(jsonlSink({ name: 'jsonl', path }).send([sampleAlert()])).rejects.toMatchObject({
    code: 'sink-unreachable',
  });
});

test.skipIf(process.getuid?.() === 0)('jsonl says when it may not write', async () => {
  const folder = temporaryFolder('sinks');
  chmodSync(folder, 0o500);
  const path = join(folder, 'findings.jsonl');
  await expect(jsonlSink({ name: 'jsonl', path }).send([sampleAlert()])).rejects.toMatchObject({
    code: 'sink-forbidden',
  });
});

test('sinks of the config are opened under the names of the outbox', () => {
  const { sinks } = configOf(
    'sinks: [{ type: jsonl, path: /a }, { type: cloudwatch }, { type: stdout }, { type: stdout, format: text }]',
  );
  const { write, renderText } = collector().options;
  expect(openSinks(sinks, { write, renderText, env: {} }).map(({ name }) => name)).toEqual([
    'jsonl:/a',
    'stdout',
    'stdout#2',
  ]);
});
