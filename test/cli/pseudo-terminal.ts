/** A program at a terminal of 24 lines and 100 columns, made by `script` of util-linux; waits for text and never for time. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';

/** True where `script` is there and takes the options of util-linux. */
export const hasPseudoTerminals = utilLinuxScript();

function utilLinuxScript(): boolean {
  const { status, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return status === 0 && stdout.includes('util-linux');
}

const patienceMs = 10_000;
// Cursor movement, colours and modes: ECMA-48 control sequences.
// eslint-disable-next-line no-control-regex
const controlSequence = /\x1b(?:\[[0-9;?>=]*[A-Za-z]|\][^\x07]*\x07|[=>])/g;

export class PseudoTerminal {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  #text = '';
  #seen = 0;
  #look: () => void = () => undefined;

  constructor(command: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(
      'script',
      ['--quiet', '--return', '--command', `stty rows 24 cols 100; ${command}`, '/dev/null'],
      {
        env: { PATH: process.env['PATH'], TERM: 'xterm', LANG: 'C.UTF-8', ...env },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text.replace(controlSequence, '');
      this.#look();
    });
    this.#exit = new Promise((resolve) => {
      this.#child.on('close', (code) => {
        resolve(code);
        this.#look();
      });
    });
  }

  /** Types text and answers what came until the pattern matched. */
  async type(text: string, pattern: RegExp): Promise<string> {
    this.#child.stdin!.write(text);
    return this.until(pattern);
  }

  /** What came since the last answer, as soon as the pattern matches it. */
  async until(pattern: RegExp): Promise<string> {
    const shown = await new Promise<string>((resolve, reject) => {
      const timeout = setTimeout(
        () =>
          reject(
            new Error(
              `expected ${String(pattern)}; the terminal shows ${JSON.stringify(this.#text.slice(this.#seen))}`,
            ),
          ),
        patienceMs,
      );
      this.#look = () => {
        const text = this.#text.slice(this.#seen);
        if (!pattern.test(text)) return;
        clearTimeout(timeout);
        this.#look = () => undefined;
        resolve(text);
      };
      this.#look();
    });
    this.#seen = this.#text.length;
    return shown;
  }

  /** Types the last text and answers the exit code. */
  async end(text: string): Promise<number | null> {
    this.#child.stdin!.write(text);
    return this.#exit;
  }

  /** Ends the program if it is still there. */
  close(): void {
    this.#child.kill('SIGKILL');
  }
}
