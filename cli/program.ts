/** The command line: every command, its options and its help. Commands themselves are loaded when they run. */
import { Command, CommanderError } from 'commander';
import type { CommandContext, CommonOptions } from './context.js';
import { addReaders } from './program/asking-commands.js';
import type { Action, CommandModule } from './program/options.js';
import { addWriters } from './program/writing-commands.js';

/** The program over a context; `run` parses arguments, runs the command and answers the exit code. It never throws. */
export function createProgram(context: CommandContext): {
  readonly command: Command;
  run(argv: readonly string[]): Promise<number>;
} {
  let exitCode = 0;
  const action =
    (load: () => Promise<CommandModule>) =>
    async (...args: unknown[]): Promise<void> => {
      const command = await load();
      // The last argument is commander's own object.
      exitCode = await command(context, ...(args.slice(0, -1) as never[]));
    };
  const command = buildProgram(context, action);
  return {
    command,
    async run(argv) {
      try {
        await command.parseAsync([...argv], { from: 'user' });
        return exitCode;
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
        const { reportError } = await import('./report-error.js');
        return reportError(error, context, command.opts<CommonOptions>());
      }
    },
  };
}

function buildProgram({ stdout, stderr }: CommandContext, action: Action): Command {
  const program = new Command('bucketwatch')
    .description('Watch Amazon S3: read access logs and CloudTrail, find attacks, answer SQL.')
    .version(version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show help.')
    .helpCommand('help [command]', 'Show the help of a command.')
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride()
    .addHelpText('after', mainExamples);
  addWriters(program, action);
  addReaders(program, action);
  return program;
}

const mainExamples = `
Start here:
  $ bucketwatch run ./logs        read a folder of logs and print what was found
  $ bucketwatch findings list     the findings so far
  $ bucketwatch query             the library of questions
  $ bucketwatch init              write a config file

Exit codes: 0 done, 2 usage or config, 3 partly done, 4 unreachable,
10 findings (--fail-on), 75 another run holds the lock.
`;

/** Kept in step with package.json by a test, so that --version reads no file. */
export const version = '0.1.0';
