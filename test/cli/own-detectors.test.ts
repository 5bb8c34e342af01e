/** Detectors of the user, and files of the config that detectors need, as a shell sees them. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const example = path.join(packageRoot, 'fixtures/own-detectors');
const id = 'acme-export-read-by-stranger';
const sql = fs.readFileSync(path.join(example, `finance/${id}.sql`), 'utf8');
const header = sql.slice(0, sql.indexOf('---*/') + '---*/\n'.length).replace(/^params:.*?^(?=description)/ms, '');

let folder: string;
let config: string;
beforeEach(() => {
  folder = temporaryFolder('own');
  fs.cpSync(example, path.join(folder, 'mine'), { recursive: true });
  config = path.join(folder, 'bucketwatch.yaml');
  fs.writeFileSync(config, 'detector_dirs: [./mine]\n');
});

function bucketwatch(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}
const testMine = (): SpawnSyncReturns<string> => bucketwatch('detectors', 'test', 'mine', '--format', 'csv');
const write = (name: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
};

/** One request of the example's story. */
const line = `79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be acme-finance-reports [10/Mar/2026:10:05:00 +0000] 203.0.113.5 arn:aws:sts::111122223333:assumed-role/web/session 3E57427F3EXAMPLE REST.GET.OBJECT exports/a.csv "GET /exports/a.csv HTTP/1.1" 200 - 100 100 12 10 "-" "aws-cli/2" - aG9zdA== SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme-finance-reports.s3.eu-central-1.amazonaws.com TLSv1.3 - -\n`;

describe('detectors test', () => {
  it('prints a line for each case and exits 0 when all pass', () => {
    const { status, stdout } = testMine();
    expect(status).toBe(0);
    expect(stdout.trim().split('\n').slice(1)).toEqual([
      `pass,${id},fires-on-another-role.yaml,`,
      `pass,${id},quiet-for-reporting-and-other-keys.yaml,`,
    ]);
  });

  it('exits 2 and says what was found when a case comes out otherwise', () => {
    const quiet = path.join(folder, `mine/cases/${id}/quiet-for-reporting-and-other-keys.yaml`);
    fs.writeFileSync(quiet, fs.readFileSync(quiet, 'utf8').replace('drafts/a.csv', 'exports/b.csv'));
    const { status, stdout, stderr } = testMine();
    expect(status).toBe(2);
    expect(stdout).toMatch(/^fail,.*found, and expected nothing.*role\/web/m);
    expect(stdout).toMatch(/^pass,.*fires-/m);
    expect(stderr).toContain('1 failure in 2 checks');
  });

  /** Mistakes by what they are: a file, its text, and the line that says so. All are made at once, because a run takes seconds. */
  const named = (name: string): string => sql.replace(`id: ${id}`, `id: ${name}`);
  const times =
    'event_time as window_start, event_time as first_event_at, event_time as last_event_at, 1 as event_count';
  const fires = fs.readFileSync(path.join(example, `cases/${id}/fires-on-another-role.yaml`), 'utf8');
  const mistakes: readonly (readonly [what: string, file: string, text: string, said: RegExp])[] = [
    ['a detector without cases', 'finance/acme-bare.sql', named('acme-bare'), /^fail,acme-bare,.*has no case/m],
    ['cases of no detector', 'cases/acme-tow/fires-a.yaml', 'why: lost', /cases\/acme-tow,belongs to no detector/],
    [
      'a wrong header',
      'finance/acme-b.sql',
      sql.replace('severity: medium', 'severity: huge'),
      /acme-b\.sql:5 severity/,
    ],
    [
      'an undeclared parameter',
      'finance/acme-c.sql',
      named('acme-c').replace('$min_reads', '$reads'),
      /\$reads is not declared/,
    ],
    [
      'a case with an unknown key',
      `cases/${id}/fires-b.yaml`,
      'why: a typing mistake\nevent: []\n',
      /fires-b\.yaml.*event/,
    ],
    ['a case of neither kind', `cases/${id}/maybe-b.yaml`, 'why: neither', /maybe-b\.yaml,"is neither/],
    ['a detector in the wrong place', 'acme-d.sql', sql, /acme-d\.sql:1 \(file\): lies in the wrong place/],
    [
      'an id of ours',
      'finance/weak-tls-access.sql',
      named('weak-tls-access'),
      /has the id of a detector of bucketwatch/,
    ],
    ...[
      ['a file', 'acme-file', `select ${times}, content as summary from s3_events, read_text('/etc/passwd')`] as const,
      ['the network', 'acme-network', `select ${times} from read_csv('https://example.com/a.csv')`] as const,
      [
        'a write',
        'acme-write',
        'with one as (select 1 as n) delete from accounts where exists (select 1 from one)',
      ] as const,
    ].map(([what, name, query]) => {
      const text = `${header.replace(`id: ${id}`, `id: ${name}`)}${query}\n`;
      const said = new RegExp(
        `^fail,${name},fires-a.yaml,.*(disabled by configuration|expected one that only reads)`,
        'm',
      );
      return [`a detector that wants ${what}`, `finance/${name}.sql`, text, said] as const;
    }),
  ];

  it('exits 2 for what is wrong, says each mistake, and shows no file of the machine', () => {
    for (const [, file, text] of mistakes) write(`mine/${file}`, text);
    for (const name of ['acme-file', 'acme-network', 'acme-write']) write(`mine/cases/${name}/fires-a.yaml`, fires);
    const { status, stdout } = testMine();
    const unsaid = mistakes.filter(([, , , said]) => !said.test(stdout)).map(([what]) => what);
    expect(unsaid).toEqual([]);
    expect(stdout).not.toContain('root:');
    expect(stdout).toMatch(/^pass,.*fires-on-another-role/m);
    expect(status).toBe(2);
  });

  it('exits 2 for a folder that is not there or holds none', () => {
    expect(bucketwatch('detectors', 'test', 'nowhere').status).toBe(2);
    fs.mkdirSync(path.join(folder, 'empty'));
    const { status, stderr } = bucketwatch('detectors', 'test', 'empty');
    expect(stderr).toMatch(/empty: holds no detector/);
    expect(status).toBe(2);
  });
});

describe('detectors of the config', () => {
  it('are listed and explained with ours, each with its state', () => {
    fs.appendFileSync(
      config,
      `detectors: { ${id}: { dry_run: true }, exfiltration-volume-anomaly: { dry_run: true }, weak-tls-access: { enabled: false } }\n`,
    );
    const { stdout } = bucketwatch('detectors', 'list', '--format', 'csv');
    expect(stdout).toMatch(new RegExp(`^${id},finance,medium,dry run,`, 'm'));
    expect(stdout).toMatch(/^exfiltration-volume-anomaly,exfiltration,high,"dry run, learning, 0 of 7 days",/m);
    expect(stdout).toMatch(/^principal-new-source-ip,identity,low,"learning, 0 of 7 days",/m);
    expect(stdout).toMatch(/^weak-tls-access,identity,low,off,/m);
    expect(stdout).toMatch(/^tor-exit-node-access,identity,high,needs threat_lists of kind tor,/m);
    expect(stdout).toMatch(/^entity-risk-threshold,behaviour,high,active,/m);
    expect(bucketwatch('detectors', 'explain', id).stdout).toContain('finance export read by another role');
  });

  it('find what they look for; in a dry run the finding is kept, suppressed and not announced', () => {
    write('logs/a', line);
    const run = bucketwatch('run', 'logs', '--json', '--quiet');
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    const findings = (): Record<string, unknown>[] =>
      bucketwatch('findings', 'list', '--detector', id, '--state', 'open', 'suppressed', '--format', 'jsonl')
        .stdout.trim()
        .split('\n')
        .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(findings()).toMatchObject([{ detector: id, severity: 'medium', state: 'open' }]);
    fs.rmSync(path.join(folder, 'bucketwatch-data'), { recursive: true });
    const sink = path.join(folder, 'alerts.jsonl');
    fs.appendFileSync(
      config,
      `detectors: { ${id}: { dry_run: true } }\nsinks: [{ type: jsonl, path: alerts.jsonl, min_severity: info }]\n`,
    );
    expect(bucketwatch('run', 'logs', '--json').status).toBe(0);
    expect(findings()).toMatchObject([{ state: 'suppressed' }]);
    const alerts = fs.existsSync(sink) ? fs.readFileSync(sink, 'utf8') : '';
    expect(alerts).not.toContain(id);
  });

  it('that fail are told once and do not make the next run look at the same hours again', () => {
    write('logs/a', line + line.replace('[10/Mar', '[14/Mar').replace('3E57427F3', '3E57427F4'));
    fs.writeFileSync(path.join(folder, `mine/finance/${id}.sql`), `${header}select nothing from s3_events\n`);
    const { status, stderr } = bucketwatch('run', 'logs', '--json');
    expect(status).toBe(3);
    expect(stderr.match(new RegExp(`detector ${id}: .*nothing`, 'g'))).toHaveLength(1);
    const pending = bucketwatch('query', 'select count(*) as n from pending_hours', '--format', 'csv');
    expect(pending.stdout).toBe('n\n0\n');
  });

  it('that are wrong are told, make the run exit 3 and leave the others running', () => {
    write('logs/a', line);
    write('mine/finance/acme-two.sql', 'select 1');
    const { status, stderr } = bucketwatch('run', 'logs', '--json');
    expect(status).toBe(3);
    expect(stderr).toMatch(/mine\/finance\/acme-two\.sql:1 \(header\): not found/);
    expect(bucketwatch('findings', 'list', '--format', 'jsonl').stdout).toContain(id);
    expect(bucketwatch('detectors', 'list').status).toBe(2);
  });
});

describe('lists of the config', () => {
  it('that are missing are told by run and doctor, and leave the others running', () => {
    write('logs/a', line);
    write('bad.txt', '203.0.113.5\noops\n');
    fs.writeFileSync(config, 'threat_lists: [{ path: gone.txt }, { name: mine, path: bad.txt }]\n');
    const run = bucketwatch('run', 'logs', '--json');
    expect(run.stderr).toMatch(/gone\.txt: cannot be read \(ENOENT\)/);
    expect(run.stderr).toMatch(/bad\.txt:2: "oops" is not a network/);
    expect(run.status).toBe(3);
    expect(bucketwatch('findings', 'list', '--format', 'jsonl').stdout).toContain('custom-threat-list-ip-access');
    const { stdout } = bucketwatch('doctor', '--format', 'json');
    expect(stdout).toMatch(/gone\.txt: cannot be read/);
    expect(stdout).toMatch(/oops/);
  });
});
