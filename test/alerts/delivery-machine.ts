/** A machine that runs the built program on the demonstration's logs, with a webhook of the test as its sink. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../store/sql-files.js';
import { askLake, temporaryFolder } from '../lake.js';
import type { WebhookReceiver } from './webhook-receiver.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo');

/** The parts of the environment that nobody may read anywhere. */
export const webhookToken = '/services/T000/B000/tokenOfTheTest';
export const webhookSecret = 'c2VjcmV0LW9mLXRoZS10ZXN0';

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class DeliveryMachine {
  readonly home = temporaryFolder('delivery');
  readonly dataDir = path.join(this.home, 'data');
  readonly #config = path.join(this.home, 'bucketwatch.yaml');
  /** Ends the process that runs now, as kill -9 does. */
  kill: () => void = () => undefined;

  /** `logs` instead of those of the demonstration. */
  constructor(
    readonly receiver: WebhookReceiver,
    { settings = '', logs = path.join(demo, 'logs') }: { readonly settings?: string; readonly logs?: string } = {},
  ) {
    fs.writeFileSync(
      this.#config,
      `sources: [{ type: local, path: ${JSON.stringify(logs)} }]
learning: { days: 0 }
sinks: [{ type: webhook, url_env: HOOK, secret_env: HOOK_KEY, min_severity: info }]
${settings}`,
    );
  }

  async run(...args: readonly string[]): Promise<Outcome> {
    const common = args[0] === 'findings' || args[0] === 'status' ? [] : ['--config', this.#config];
    const child = spawn(process.execPath, [program, ...args, '--data-dir', this.dataDir, ...common], {
      env: { ...process.env, NO_COLOR: '1', HOOK: `${this.receiver.origin}${webhookToken}`, HOOK_KEY: webhookSecret },
    });
    this.kill = () => child.kill('SIGKILL');
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    return new Promise((resolve) => child.on('close', (exitCode) => resolve({ exitCode, ...output })));
  }

  ask<Row>(sql: string): Promise<Row[]> {
    return askLake<Row>(this.dataDir, sql);
  }

  /** Everything that the program has written about alerts, as text. */
  async everythingWritten(): Promise<string> {
    const deadLetters = path.join(this.dataDir, 'dead-letters.jsonl');
    const tables = await Promise.all(
      ['outbox', 'findings', 'finding_windows'].map((table) => this.ask(`from ${table}`)),
    );
    return `${JSON.stringify(tables, asText)}${fs.existsSync(deadLetters) ? fs.readFileSync(deadLetters, 'utf8') : ''}`;
  }
}

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
