/** The process: argv in, exit code out. Everything else is loaded when a command needs it, so that --help is quick. */
import { createProgram } from './program.js';

/** Runs the command of this process, and sets its exit code. */
export async function main(): Promise<void> {
  const interruption = new AbortController();
  let signalExitCode = 0;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      // The second request does not wait for the transaction in progress; what is committed stays committed.
      if (interruption.signal.aborted) process.exit(code);
      signalExitCode = code;
      interruption.abort(code);
    });
  }
  const { stdin, stdout, stderr, env } = process;
  const exitCode = await createProgram({
    stdin,
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    now: Date.now,
    signal: interruption.signal,
  }).run(process.argv.slice(2));
  process.exitCode = signalExitCode || exitCode;
}
