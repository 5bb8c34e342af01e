/** What a run of benchmarks was made on. */
import os from 'node:os';
import { version as duckdbVersion } from '@duckdb/node-api';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
  readonly duckdb: string;
}

export function describeMachine(): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGigabytes: Math.round(os.totalmem() / 1e9),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    duckdb: duckdbVersion(),
  };
}

/** `intel-xeon-processor-2-cores`, for the name of a file. */
export function machineSlug({ cpu, cores }: Machine): string {
  const words = cpu
    .replaceAll(/\((?:R|TM)\)/gi, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ['unknown'];
  return [...words, cores, 'cores'].join('-');
}

/** Processes that wanted a CPU in the last minute, about; well above the number of cores somebody else was working too. */
export function loadAverage(): number {
  return os.loadavg()[0]!;
}
