/** The log of a run as a collector reads it: JSON lines on stderr, and always the same last one. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { Store } from '../../store/store.js';
import { temporaryFolder } from '../temporary-folder.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');

interface Logged {
  readonly status: number | null;
  readonly stdout: string;
  readonly lines: readonly Record<string, unknown>[];
}

function logged(...args: string[]): Logged {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--log-format', 'json'], {
    encoding: 'utf8',
  });
  const lines = stderr.trim().split('\n');
  return { status, stdout, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('the log of a run', () => {
  const dataDir = temporaryFolder('run-log');

  it('is JSON lines with time, level, event, text and run, and ends with the summary', () => {
    const { status, lines } = logged('run', '--config', demo, '--data-dir', dataDir);
    expect(status).toBe(0);
    for (const line of lines) {
      expect(line).toMatchObject({ level: expect.stringMatching(/^(info|warning)$/), event: expect.any(String) });
      expect(line['ts']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(line['run_id']).toMatch(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
    }
    const summary = lines.at(-1)!;
    expect(summary).toMatchObject({ event: 'run.summary', command: 'run', status: 'done', exit_code: 0, objects: 309 });
    expect(summary['findings']).toMatchObject({ critical: expect.any(Number) });
    expect(summary).not.toHaveProperty('err');
    expect(lines.filter(({ event }) => event === 'run.summary')).toHaveLength(1);
  });

  it('ends with the summary of a run that was partly done', () => {
    const logs = temporaryFolder('run-log-unreadable');
    fs.symlinkSync('/proc/self/mem', path.join(logs, 'unreadable'));
    const { status, lines } = logged('ingest', logs, '--data-dir', temporaryFolder('run-log-partly'));
    expect(status).toBe(3);
    expect(lines.at(-1)).toMatchObject({ event: 'run.summary', status: 'partly', exit_code: 3, objects_failed: 1 });
  });

  it('says why there was no run while another holds the lock', async () => {
    const locked = temporaryFolder('run-log-locked');
    const store = await Store.open({ dataDir: locked, threads: 1, memoryBytes: 256e6, command: 'test', now: Date.now });
    const { status, lines } = logged('run', '--config', demo, '--data-dir', locked);
    store.close();
    expect(status).toBe(75);
    expect(lines.at(-2)).toMatchObject({ event: 'error', code: 'lock-held', level: 'error' });
    expect(lines.at(-1)).toMatchObject({ event: 'run.summary', status: 'skipped', exit_code: 75, run_id: null });
    expect(lines.at(-1)!['err']).toMatchObject({ code: 'lock-held' });
  });

  it('ends with a summary when the config is wrong', () => {
    const config = path.join(temporaryFolder('run-log-config'), 'bucketwatch.yaml');
    fs.writeFileSync(config, 'sinkz: []\n');
    const { status, lines } = logged('run', '--config', config);
    expect(status).toBe(2);
    expect(lines.at(-1)).toMatchObject({ event: 'run.summary', status: 'failed', exit_code: 2 });
  });

  it('has no summary line for people', () => {
    const { stderr } = spawnSync(process.execPath, [program, 'run', '--config', demo, '--data-dir', dataDir], {
      encoding: 'utf8',
    });
    expect(stderr).not.toContain('run.summary');
    expect(stderr).not.toContain('run done');
  });
});
