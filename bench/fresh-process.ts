/** Runs a program of Node in a process of its own and says what it took: wall time, CPU time and peak memory. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

/** Both figures of a process only grow, so that the last look misses what it did in its last moments and no more. */
const lookEveryMs = 20;
/** Linux counts CPU time in hundredths of a second, whatever the clock of the kernel is. */
const ticksPerSecond = 100;

/** What one run took. */
export interface Sample {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** User and system time of all threads; null where there is no /proc. */
  readonly cpuSeconds: number | null;
  /** Peak of resident memory (VmHWM), with shared libraries and mapped files; null where there is no /proc. */
  readonly peakBytes: number | null;
}

export interface FinishedRun extends Sample {
  readonly stdout: string;
}

/** Runs `node ARGUMENTS`; throws with the end of its stderr when the exit code is not 0. */
export async function runFresh(argv: readonly string[]): Promise<FinishedRun> {
  const startedMs = performance.now();
  // In the temporary folder there is no bucketwatch.yaml that the command would find.
  const child = spawn(process.execPath, argv, { cwd: os.tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  let seen: Usage = { cpuSeconds: null, peakBytes: null };
  const look = setInterval(() => (seen = usageOf(child.pid!) ?? seen), lookEveryMs);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  let seconds = 0;
  child.on('exit', () => (seconds = (performance.now() - startedMs) / 1000));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(look));
  if (exitCode !== 0)
    throw new Error(`node ${argv.join(' ')}: exit code ${exitCode}; expected 0\n${textOf(stderr).slice(-2000)}`);
  return { seconds, ...seen, stdout: textOf(stdout) };
}

type Usage = Pick<Sample, 'cpuSeconds' | 'peakBytes'>;

/** Null when the process has just ended, or has no memory any more. */
function usageOf(pid: number): Usage | null {
  try {
    const [, peakKilobytes] = /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (peakKilobytes === undefined) return null;
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name in parentheses: state is the first field, utime the twelfth, stime the thirteenth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      peakBytes: Number(peakKilobytes) * 1024,
    };
  } catch {
    return null;
  }
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
