/** The units of systemd: by systemd's own checks where it is installed, and by what the job needs of them. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../config/app-error.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = path.join(packageRoot, 'deploy/systemd');
const textOf = (file: string): string => fs.readFileSync(path.join(folder, file), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('the units', () => {
  const copy = temporaryFolder('systemd');

  beforeAll(() => {
    for (const file of ['bucketwatch.service', 'bucketwatch.timer'])
      // The program is not installed on the machine of the test.
      fs.writeFileSync(path.join(copy, file), textOf(file).replace('/usr/local/bin/bucketwatch', '/bin/true'));
  });

  it.skipIf(!hasSystemd)('are units to systemd', () => {
    const files = ['bucketwatch.service', 'bucketwatch.timer'].map((file) => path.join(copy, file));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it.skipIf(!hasSystemd)('leave the service little to harm: at most 2.0 of 10 on the scale of systemd', () => {
    const args = ['security', '--offline=true', '--threshold=20', path.join(copy, 'bucketwatch.service')];
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
    expect(stdout).toContain('Overall exposure level');
    expect(status).toBe(0);
  });

  it.skipIf(!hasSystemd)('run every five minutes', () => {
    const [, calendar] = /^OnCalendar=(.*)$/m.exec(textOf('bucketwatch.timer'))!;
    const args = ['calendar', '--iterations=2', '--base-time=2026-11-21 10:01:00 UTC', calendar!];
    const { stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
    expect(stdout).toContain('10:05:00');
    expect(stdout).toContain('10:10:00');
  });
});

describe('the service', () => {
  const settings = new Map(
    textOf('bucketwatch.service')
      .split('\n')
      .flatMap((line) => {
        const match = /^(\w+)=(.*)$/.exec(line);
        return match === null ? [] : [[match[1]!, match[2]!] as const];
      }),
  );

  it('takes a held lock and an orderly end for a success, and nothing else', () => {
    const codes = settings.get('SuccessExitStatus')!.split(' ').map(Number);
    expect(codes).toEqual([exitCodes.lockHeld, exitCodes.terminated]);
  });

  it('may write to its state and nowhere else', () => {
    expect(settings.get('ProtectSystem')).toBe('strict');
    expect(settings.get('StateDirectory')).toBe('bucketwatch');
    expect(settings.has('ReadWritePaths')).toBe(false);
    expect(settings.get('Environment')).toContain('BUCKETWATCH_DATA_DIR=/var/lib/bucketwatch');
  });

  it('never runs twice at once and is never called from inside', () => {
    expect(settings.get('Type')).toBe('oneshot');
    expect(settings.get('ExecStart')).not.toContain('--every');
    expect(settings.has('Restart')).toBe(false);
  });

  it('lets the compiler of Node.js write code', () => {
    expect(settings.has('MemoryDenyWriteExecute')).toBe(false);
  });
});
