/** Upkeep from the command line: `compact`, and `retention_days` at the end of a run. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { askLake, ingestLogs, temporaryFolder } from '../lake.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
let folder: string;
let dataDir: string;

function bucketwatch(...args: string[]) {
  return spawnSync(process.execPath, [program, ...args, '--data-dir', dataDir], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

function writeLog(name: string, ...days: string[]): void {
  const lines = days.map(
    (day) =>
      `- acme-logs [${day}:10:00:00 +0000] 192.0.2.7 - ${`${name}${day}`.replaceAll(/\W/g, '').toUpperCase().padStart(16, '0')} REST.GET.OBJECT k "GET /k HTTP/1.1" 403 AccessDenied 10 - 5 - "-" "aws-cli/2.1" - abc= - - - acme-logs.s3.amazonaws.com - - - -`,
  );
  fs.writeFileSync(path.join(folder, 'logs', name), `${lines.join('\n')}\n`);
}

beforeEach(() => {
  folder = temporaryFolder('compact');
  dataDir = path.join(folder, 'data');
  fs.mkdirSync(path.join(folder, 'logs'));
});

describe('compact', () => {
  it('says what it merged, and that there is nothing left to merge', () => {
    for (const name of ['a', 'b', 'c']) {
      writeLog(name, '19/Oct/2026');
      expect(bucketwatch('ingest', 'logs').status).toBe(0);
    }
    const compacted = bucketwatch('compact');
    expect(compacted).toMatchObject({ status: 0, stdout: '' });
    expect(compacted.stderr).toMatch(/^merged 3 files \([^)]+\) into 1 file \([^)]+\)\n$/);
    expect(bucketwatch('compact').stderr).toBe('no files to merge\n');
    expect(JSON.parse(bucketwatch('compact', '--json').stdout)).toMatchObject({ files_before: 0, files_after: 0 });
  });
});

describe('the end of a run', () => {
  it('merges the files of a day when there are many', async () => {
    for (let n = 0; n < 23; n++) {
      writeLog(`log${n}`, '19/Oct/2026');
      await ingestLogs(path.join(folder, 'logs'), dataDir);
    }
    writeLog('last', '19/Oct/2026');
    expect(bucketwatch('ingest', 'logs', '--quiet').status).toBe(0);
    expect(
      await askLake(
        dataDir,
        `select count(*)::integer as files, sum(rows)::integer as n from lake_files where table_name = 'access_log'`,
      ),
    ).toEqual([{ files: 1, n: 24 }]);
  });

  it('forgets old days of the sources of the config, and nothing of logs that are named by hand', async () => {
    fs.writeFileSync(
      path.join(folder, 'bucketwatch.yaml'),
      'sources: [{ type: local, path: ./logs }]\nretention_days: 5\n',
    );
    writeLog('a', '01/Oct/2026', '18/Oct/2026', '19/Oct/2026');
    expect(bucketwatch('run', 'logs').stderr).not.toContain('forgot');
    const run = bucketwatch('run');
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('forgot 1 day of logs before 2026-10-14 (1 row; retention_days: 5)');
    expect(await askLake(dataDir, 'select cast(min(dt) as varchar) as day from s3_events')).toEqual([
      { day: '2026-10-18' },
    ]);
  });
});
