/** The machine under the job: Node.js, memory and threads against what the container may use. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Config } from '../../config/load.js';
import { formatBytes, formatCounted } from '../output/number-format.js';
import { threadCount } from '../run-session.js';
import { checksOf, type Check } from './check.js';

/** What the checks compare with; tests hand in their own. */
export interface Machine {
  /** `22.11.0`. */
  readonly nodeVersion: string;
  readonly memoryBytes: number;
  /** Null when no control group bounds it. */
  readonly memoryLimitBytes: number | null;
  readonly cores: number;
  /** Cores that a control group allows, for example 0.5; null without a bound. */
  readonly coreLimit: number | null;
}

const { ok, warn, fail } = checksOf('machine');

export function machineChecks(config: Config, machine: Machine): Check[] {
  return [nodeCheck(machine), memoryCheck(config, machine), threadsCheck(config, machine)];
}

function nodeCheck({ nodeVersion }: Machine): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    return fail('node', nodeVersion, { todo: 'use Node.js 22 or 24; 20.19 is the oldest that works', kind: 'local' });
  // https://nodejs.org/en/about/previous-releases: 20 ended on 2026-04-30.
  if (major < 22) return warn('node', nodeVersion, 'use Node.js 22 or 24: 20 gets no security fixes any more');
  return ok('node', nodeVersion);
}

function memoryCheck({ limits }: Config, { memoryBytes, memoryLimitBytes }: Machine): Check {
  const there = Math.min(memoryBytes, memoryLimitBytes ?? Infinity);
  const found = `limits.memory ${formatBytes(limits.memoryBytes)} of ${formatBytes(there)}${memoryLimitBytes === null ? '' : ' (control group)'}`;
  if (limits.memoryBytes > there)
    return fail('memory', found, {
      todo: 'lower limits.memory or give the container more: the kernel would end the run',
      kind: 'local',
    });
  if (limits.memoryBytes > 0.75 * there)
    return warn('memory', found, 'leave a quarter for Node.js and the system: lower limits.memory, or give more');
  return ok('memory', found);
}

function threadsCheck(config: Config, { cores, coreLimit }: Machine): Check {
  const threads = threadCount(config);
  const allowed = Math.min(cores, coreLimit ?? Infinity);
  const found = `${formatCounted(threads, 'thread')} on ${allowed} ${allowed === 1 ? 'core' : 'cores'}${coreLimit === null ? '' : ' (control group)'}`;
  const fitting = Math.max(1, Math.ceil(allowed));
  if (threads <= fitting) return ok('threads', found);
  return warn('threads', found, `set limits.threads to ${fitting}: more threads take memory and no work`);
}

/** Where the kernel shows the control group of this process: the root in a container, a folder of systemd elsewhere. */
function ownControlGroup(): string {
  try {
    const [, below = '/'] = /^0::(\/.*)$/m.exec(fs.readFileSync('/proc/self/cgroup', 'utf8')) ?? [];
    return path.join('/sys/fs/cgroup', below);
  } catch {
    return '/sys/fs/cgroup';
  }
}

/** What this process runs on. `controlGroup` is the folder of its control group, version 2. */
export function thisMachine(controlGroup = ownControlGroup()): Machine {
  const read = (name: string): string => {
    try {
      return fs.readFileSync(path.join(controlGroup, name), 'utf8').trim();
    } catch {
      return 'max'; // no control groups, or none of our own
    }
  };
  const memory = read('memory.max');
  const [quota, period] = read('cpu.max').split(' ');
  return {
    nodeVersion: process.versions.node,
    memoryBytes: os.totalmem(),
    memoryLimitBytes: /^\d+$/.test(memory) ? Number(memory) : null,
    cores: os.availableParallelism(),
    coreLimit: quota === 'max' ? null : Number(quota) / Number(period),
  };
}
