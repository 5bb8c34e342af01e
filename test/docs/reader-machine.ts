/**
 * The machine of somebody who reads the documentation: a folder with logs, a config and the data directory of the bundled
 * demonstration, and `bucketwatch` on the PATH. Every command runs in a copy of its own.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';

const executable = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo');

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ReaderMachine {
  readonly #home = temporaryFolder('reader');
  readonly #binaries = path.join(this.#home, 'bin');
  readonly #template = path.join(this.#home, 'work');
  #copies = 0;

  /** Where the data directory of the demonstration is. */
  readonly dataDir = path.join(this.#template, 'bucketwatch-data');

  constructor() {
    for (const folder of [this.#binaries, this.#template]) fs.mkdirSync(folder);
    const shim = `#!/bin/sh\nexec '${process.execPath}' '${executable}' "$@"\n`;
    fs.writeFileSync(path.join(this.#binaries, 'bucketwatch'), shim, { mode: 0o755 });
    fs.copyFileSync(path.join(demo, 'bucketwatch.yaml'), path.join(this.#template, 'bucketwatch.yaml'));
    fs.symlinkSync(path.join(demo, 'logs'), path.join(this.#template, 'logs'));
    fs.symlinkSync(path.join(packageRoot, 'fixtures'), path.join(this.#template, 'fixtures'));
    const trail = findFile(path.join(demo, 'logs'), '.json.gz');
    fs.copyFileSync(trail, path.join(this.#template, 'trail.json.gz'));
    this.#runDemonstration();
  }

  #runDemonstration(): void {
    const config = path.join(demo, 'bucketwatch.yaml');
    const options = ['run', '--config', config, '--data-dir', this.dataDir];
    const { status, stderr } = spawnSync(process.execPath, [executable, ...options], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the demonstration exits with ${status}: ${stderr}`);
  }

  /** Runs shell text in a fresh copy of the folder. */
  async run(shell: string): Promise<Outcome> {
    const cwd = path.join(this.#home, `copy-${this.#copies++}`);
    fs.cpSync(this.#template, cwd, { recursive: true, verbatimSymlinks: true });
    const env = { PATH: `${this.#binaries}:${process.env['PATH']}`, HOME: this.#home, USER: 'reader' };
    const outcome = await finished(spawn('bash', ['-c', shell], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
    fs.rmSync(cwd, { recursive: true, force: true });
    return outcome;
  }
}

async function finished(child: ReturnType<typeof spawn>): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}

function findFile(folder: string, ending: string): string {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return path.join(
    folder,
    files.find((file) => file.endsWith(ending))!,
  );
}
