/** The commands as a shell sees them: what they print where, and their exit codes. */
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../cli/program.js';
import { Store } from '../../store/store.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');

function bucketwatch(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

const dataDir = temporaryFolder('commands');
let firstRun: SpawnSyncReturns<string>;

beforeAll(() => {
  firstRun = bucketwatch('run', '--config', demo, '--data-dir', dataDir, '--json', '--fail-on', 'high');
});

describe('run', () => {
  it('exits 10 when --fail-on is reached and prints one summary object', () => {
    expect(firstRun.status).toBe(10);
    const summary = JSON.parse(firstRun.stdout);
    expect(summary.lines).toBe(summary.rows + summary.duplicates + summary.rejected);
    expect(summary).toMatchObject({ objects: 309, objects_skipped: 0, rejected: 0 });
    expect(summary.findings.critical).toBeGreaterThan(3);
    expect(summary).toHaveProperty('seconds');
    expect(summary).toHaveProperty('alerts');
  });

  it('reads and finds nothing the second time, and exits 0', () => {
    const again = bucketwatch('run', '--config', demo, '--data-dir', dataDir, '--json', '--fail-on', 'info');
    expect(again.status).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ objects: 0, objects_skipped: 309, findings: {} });
  });

  it('keeps the ids of its findings when the same period is looked at again', () => {
    const ids = (): string[] =>
      bucketwatch('findings', 'list', '--format', 'jsonl', '--limit', '1000', '--data-dir', dataDir)
        .stdout.trim()
        .split('\n')
        .map((line) => JSON.parse(line).id);
    const before = ids();
    expect(
      bucketwatch('detect', '--from', '2026-10-19', '--to', '2026-11-15', '--config', demo, '--data-dir', dataDir)
        .status,
    ).toBe(0);
    expect(ids()).toEqual(before);
  });

  it('exits 3 when an object cannot be read, and names it', () => {
    const logs = temporaryFolder('unreadable');
    fs.symlinkSync('/proc/self/mem', path.join(logs, 'unreadable'));
    const lake = temporaryFolder('unreadable-lake');
    const { status, stderr } = bucketwatch('ingest', logs, '--data-dir', lake);
    expect(status).toBe(3);
    expect(stderr).toMatch(/unreadable: .*tried again/);
    expect(JSON.parse(bucketwatch('status', '--json', '--data-dir', lake).stdout)).toMatchObject({
      objects: 0,
      objects_failed: 1,
    });
  });

  it('exits 75 while another run holds the lock, and names its process', async () => {
    const lake = temporaryFolder('locked');
    const store = await Store.open({ dataDir: lake, threads: 1, memoryBytes: 256e6, command: 'test', now: Date.now });
    const { status, stderr } = bucketwatch('ingest', path.join(packageRoot, 'fixtures/demo/logs'), '--data-dir', lake);
    store.close();
    expect(status).toBe(75);
    expect(stderr).toContain(`process ${process.pid}`);
    expect(bucketwatch('ingest', path.join(packageRoot, 'fixtures/demo/logs'), '--data-dir', lake).status).toBe(0);
  });

  it('does not take a damaged lock for one that is held, or a schedule would skip every run', () => {
    const lake = temporaryFolder('damaged-lock');
    fs.writeFileSync(path.join(lake, 'run-lock.duckdb'), 'no database');
    const { status, stderr } = bucketwatch('ingest', path.join(packageRoot, 'fixtures/demo/logs'), '--data-dir', lake);
    expect(status).toBe(1);
    expect(stderr).toContain('run-lock.duckdb');
    expect(stderr).not.toContain('another run');
  });

  it('lets two runs at once end with every line there once', async () => {
    const lake = temporaryFolder('two');
    const start = (): Promise<number | null> =>
      new Promise((resolve) => {
        const child = spawn(
          process.execPath,
          [program, 'ingest', path.join(packageRoot, 'fixtures/demo/logs'), '--data-dir', lake, '--quiet'],
          { stdio: 'ignore' },
        );
        child.on('exit', resolve);
      });
    const codes = (await Promise.all([start(), start()])).sort();
    expect([
      [0, 0],
      [0, 75],
    ]).toContainEqual(codes);
    expect(JSON.parse(bucketwatch('status', '--json', '--data-dir', lake).stdout)).toMatchObject({
      objects: 309,
      lines: 3437,
    });
  });

  it('finishes its transaction and exits 143 when it is asked to end', async () => {
    const lake = temporaryFolder('terminated');
    const child = spawn(process.execPath, [program, 'run', '--config', demo, '--data-dir', lake, '--quiet'], {
      stdio: 'ignore',
    });
    while (!fs.existsSync(path.join(lake, 'catalog.duckdb'))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(143);
  });
});

describe('query', () => {
  const query = (...args: string[]): SpawnSyncReturns<string> => bucketwatch('query', ...args, '--data-dir', dataDir);

  it('prints what it is asked for in the format it is asked for', () => {
    expect(query('select 1 as a, null as b', '--format', 'csv').stdout).toBe('a,b\n1,\n');
    expect(query('select 1 as a, null as b', '--format', 'jsonl').stdout).toBe('{"a":1,"b":null}\n');
  });

  it('counts a request that both logs saw once', () => {
    const [row] = JSON.parse(
      query(
        `select count(*) as events, count(distinct row_id) as ids, (select count(*) from s3_access_log) + (select count(*) from cloudtrail_events) as seen from s3_events`,
        '--format',
        'json',
      ).stdout,
    );
    expect(row.events).toBe(row.ids);
    expect(row.events).toBeLessThan(row.seen);
  });

  it.each([
    ['a write', 'create table t as select 1', /only reads/],
    ['a copy to a file', `copy (select 1) to '${path.join(dataDir, 'lake', 'x.parquet')}'`, /only reads/],
    ['another file', `select * from read_csv('/etc/passwd')`, /disabled/],
    ['another database', `attach '${path.join(dataDir, 'catalog.duckdb')}' as c`, /only reads|disabled/],
    ['a second statement', 'select 1; select 2', /one/],
    ['a setting', 'set enable_external_access = true', /only reads/],
  ])('refuses %s', (_, sql, message) => {
    const { status, stderr } = query(sql);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('suggests the nearest name', () => {
    const { status, stderr } = query('top-principal');
    expect(status).toBe(2);
    expect(stderr).toContain('did you mean top-principals?');
  });

  it('lets no log text reach a terminal unescaped', () => {
    const { stdout } = query(`select chr(27) || '[31m' || chr(8238) as evil`);
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });
});

describe('findings', () => {
  it('shows, acknowledges and reopens one by the beginning of its id', () => {
    const [finding] = bucketwatch('findings', 'list', '--format', 'jsonl', '--limit', '1', '--data-dir', dataDir)
      .stdout.split('\n')
      .map((line) => (line === '' ? null : JSON.parse(line)));
    const id = finding.id.slice(0, 12);
    expect(bucketwatch('findings', 'show', id, '--data-dir', dataDir).stdout).toContain(finding.id);
    expect(bucketwatch('findings', 'ack', id, '--note', 'known', '--data-dir', dataDir).status).toBe(0);
    expect(
      JSON.parse(bucketwatch('findings', 'show', id, '--format', 'json', '--data-dir', dataDir).stdout).state,
    ).toBe('acknowledged');
    expect(bucketwatch('findings', 'reopen', id, '--data-dir', dataDir).status).toBe(0);
  });

  it('has evidence that points at object and line, and a query that shows the rows', () => {
    const findings = bucketwatch('findings', 'list', '--format', 'jsonl', '--data-dir', dataDir)
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const { evidence, query } of findings.slice(0, 5)) {
      expect(fs.existsSync(evidence[0].log_uri)).toBe(true);
      const rows = bucketwatch('query', query, '--format', 'jsonl', '--data-dir', dataDir);
      expect(rows.status).toBe(0);
      expect(rows.stdout.trim()).not.toBe('');
    }
  });
});

describe('the command line', () => {
  it('has the version of the package', () => {
    expect(version).toBe(JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')).version);
  });

  it.each([
    [['nonsense']],
    [['run', '--nonsense']],
    [['findings', 'list', '--state', 'nonsense']],
    [['detect', '--from', 'yesterday']],
    [['ingest', 's3:bucket/prefix']],
    [['ingest']],
  ])('exits 2 for %j', (args) => {
    const folder = temporaryFolder('usage');
    const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('exits 4 for a path that does not exist', () => {
    expect(bucketwatch('ingest', '/does/not/exist', '--data-dir', temporaryFolder('missing')).status).toBe(4);
  });

  it('writes a config file once', () => {
    const folder = temporaryFolder('init');
    const init = (...args: string[]): number | null =>
      spawnSync(process.execPath, [program, 'init', ...args], { cwd: folder }).status;
    expect(init()).toBe(0);
    expect(init()).toBe(2);
    expect(init('--force')).toBe(0);
    expect(fs.readFileSync(path.join(folder, 'bucketwatch.yaml'), 'utf8')).toContain('sources');
  });
});
