/** `run --every`: when runs begin, what ends the schedule, and what is remembered of runs that fail. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../cli/context.js';
import { createProgram } from '../../cli/program.js';
import { runOnSchedule } from '../../cli/schedule.js';
import { packageRoot } from '../../store/sql-files.js';
import { openReader } from '../../store/reader.js';
import { temporaryFolder } from '../temporary-folder.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');

interface Outcome {
  readonly starts: readonly number[];
  readonly exitCode: number;
  readonly log: readonly Record<string, unknown>[];
}

/** Runs of these lengths and exit codes on a clock of our own; the process is asked to end after the last of them. */
async function simulate(everyMs: number, runs: readonly { takes: number; exits?: number }[]): Promise<Outcome> {
  const interruption = new AbortController();
  const stderr = new PassThrough();
  const context: CommandContext = {
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr,
    env: {},
    cwd: '/',
    now: () => 0,
    signal: interruption.signal,
  };
  let nowMs = 1000;
  const starts: number[] = [];
  const exitCode = await runOnSchedule(
    context,
    { logFormat: 'json' },
    {
      everyMs,
      clock: () => nowMs,
      wait: async (milliseconds) => {
        nowMs += milliseconds;
      },
      run: async () => {
        starts.push(nowMs - 1000);
        const { takes, exits = 0 } = runs[starts.length - 1]!;
        nowMs += takes;
        if (starts.length === runs.length) interruption.abort();
        return exits;
      },
    },
  );
  const text = (stderr.read() as Buffer | null)?.toString() ?? '';
  const log = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { starts, exitCode, log };
}

describe('a schedule', () => {
  it('counts from its start, so that the length of runs does not add up', async () => {
    const { starts } = await simulate(100, [{ takes: 7 }, { takes: 93 }, { takes: 1 }, { takes: 40 }]);
    expect(starts).toEqual([0, 100, 200, 300]);
  });

  it('leaves out the times that a long run missed, and says how many', async () => {
    const { starts, log } = await simulate(100, [{ takes: 250 }, { takes: 1 }]);
    expect(starts).toEqual([0, 300]);
    expect(log).toContainEqual(expect.objectContaining({ event: 'run-late', left_out: 2, level: 'warning' }));
  });

  it('goes on after a run that failed, and ends with the exit code of the last that did', async () => {
    const runs = [{ takes: 1 }, { takes: 1, exits: 4 }, { takes: 1, exits: 75 }, { takes: 1 }];
    const { starts, exitCode, log } = await simulate(10, runs);
    expect(starts).toHaveLength(4);
    expect(exitCode).toBe(75);
    expect(log.at(-1)).toMatchObject({ event: 'schedule-ended', runs: 4, runs_failed: 2, last_exit_code: 75 });
  });

  it('does not count findings as failures', async () => {
    expect((await simulate(10, [{ takes: 1, exits: 10 }, { takes: 1 }])).exitCode).toBe(0);
  });

  it('ends at once when the first run says that config or command line are wrong', async () => {
    const { starts, exitCode } = await simulate(10, [{ takes: 1, exits: 2 }, { takes: 1 }]);
    expect(starts).toHaveLength(1);
    expect(exitCode).toBe(2);
  });

  it('outlives a config that is broken later', async () => {
    const { starts } = await simulate(10, [{ takes: 1 }, { takes: 1, exits: 2 }, { takes: 1 }]);
    expect(starts).toHaveLength(3);
  });
});

describe('run --every', () => {
  it.each([['5'], ['0m'], ['2d'], ['soon']])('refuses %s as a period', async (period) => {
    const stderr = new PassThrough();
    const context: CommandContext = {
      stdin: Readable.from([]),
      stdout: new PassThrough(),
      stderr,
      env: {},
      cwd: temporaryFolder('every'),
      now: Date.now,
      signal: new AbortController().signal,
    };
    expect(await createProgram(context).run(['run', '--every', period, 'logs'])).toBe(2);
    expect(String(stderr.read())).toContain('is not a period');
  });

  it('runs again and again, leaves the lock free between runs, and ends with 143 within its wait', async () => {
    const dataDir = temporaryFolder('every-data');
    const logs = path.join(packageRoot, 'fixtures/demo/logs');
    const args = ['run', logs, '--every', '1s', '--data-dir', dataDir, '--log-format', 'json'];
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const lines: Record<string, unknown>[] = [];
    let rest = '';
    const twoRuns = new Promise<void>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop()!;
        for (const line of parts) lines.push(JSON.parse(line) as Record<string, unknown>);
        if (lines.filter(({ event }) => event === 'run.summary').length >= 2) resolve();
      });
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await twoRuns;
    const reader = await openReader({ dataDir, threads: 1, memoryBytes: 256e6 });
    reader.close();
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    const [first, second] = lines.filter(({ event }) => event === 'run.summary');
    expect(first).toMatchObject({ status: 'done', exit_code: 0, objects: 309, level: 'info' });
    expect(second).toMatchObject({ status: 'done', objects: 0, objects_skipped: 309 });
    expect(second!['run_id']).not.toBe(first!['run_id']);
    expect(lines.at(-1)).toMatchObject({ event: 'schedule-ended' });
  });
});
