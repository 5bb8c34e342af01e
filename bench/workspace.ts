/** The folders of a run of benchmarks, and the lakes in them: every ingest is measured and its accounts are checked. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import { prepareDataSet, type DataSet, type DataSetName } from './data-sets.js';
import { runFresh, type FinishedRun } from './fresh-process.js';

/** The command that users run. */
export const bucketwatch = path.join(packageRoot, 'dist/cli/bucketwatch.js');

export interface WorkspaceOptions {
  /** Folder of the generated logs; they are kept. */
  readonly data: string;
  /** Folder of lakes and of what rivals write; removed by `clear`. */
  readonly scratch: string;
  readonly repetitions: number;
  readonly tell: (text: string) => void;
}

export class Workspace {
  readonly repetitions: number;
  readonly tell: (text: string) => void;
  readonly #data: string;
  readonly #scratch: string;
  readonly #dataSets = new Map<DataSetName, DataSet>();
  readonly #ingests = new Map<DataSetName, FinishedRun[]>();

  constructor({ data, scratch, repetitions, tell }: WorkspaceOptions) {
    this.repetitions = repetitions;
    this.tell = tell;
    this.#data = path.resolve(data);
    this.#scratch = path.resolve(scratch);
  }

  /** The logs of that name, generated when they are missing and read once, so that they are in the page cache. */
  dataSet(name: DataSetName): DataSet {
    const known = this.#dataSets.get(name);
    if (known !== undefined) return known;
    const prepared = prepareDataSet(this.#data, name, this.tell);
    for (const folder of prepared.folders) readAll(folder);
    this.#dataSets.set(name, prepared);
    return prepared;
  }

  folder(name: string): string {
    return path.join(this.#scratch, name);
  }

  /** A folder for output that does not exist yet; what was there is removed, and the disk has nothing left to write. */
  freshFolder(name: string): string {
    const folder = this.folder(name);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    execFileSync('sync');
    return folder;
  }

  /** The data directory that `ingest` fills. */
  lake(name: DataSetName): string {
    return this.folder(`lake-${name}`);
  }

  /** Ingests the data set into a fresh lake; throws when the accounts are not those of the generator. */
  async ingest(name: DataSetName): Promise<FinishedRun> {
    const { folders, files, lines } = this.dataSet(name);
    const dataDir = this.freshFolder(`lake-${name}`);
    const run = await runFresh([bucketwatch, 'ingest', ...folders, '--data-dir', dataDir, '--json', '--quiet']);
    expectAccounts(run, { objects: files, objects_failed: 0, lines, rows: lines, rejected: 0, duplicates: 0 });
    this.#ingests.set(name, [...(this.#ingests.get(name) ?? []), run]);
    return run;
  }

  /** The ingests of this run of benchmarks; makes the first when there is none. */
  async ingests(name: DataSetName): Promise<readonly FinishedRun[]> {
    return this.#ingests.get(name) ?? [await this.ingest(name)];
  }

  clear(): void {
    fs.rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Throws unless the summary that the run printed has these members. */
export function expectAccounts({ stdout }: FinishedRun, expected: Readonly<Record<string, number>>): void {
  const summary = JSON.parse(stdout) as Partial<Record<string, unknown>>;
  for (const [name, value] of Object.entries(expected)) {
    if (summary[name] !== value) throw new Error(`${name} is ${String(summary[name])}; expected ${value}`);
  }
}

function readAll(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) readAll(file);
    else fs.readFileSync(file);
  }
}
