/** docs/cli.md: the help of every command, as the command prints it. */
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { createProgram } from '../cli/program.js';
import { anchor, block, code, list, page, section } from './markdown.js';

const width = 80;

const introduction = `\
stdout is data, stderr is for people and logs. Every command takes \`--data-dir\` (or \`BUCKETWATCH_DATA_DIR\`), \`--config\`,
\`--quiet\` and \`--log-format\`; \`NO_COLOR\` is obeyed. Exit codes are in [errors.md](errors.md), keys of the config in
[config.md](config.md).`;

/** A command with its whole name, for example \`bucketwatch findings show\`. */
export interface NamedCommand {
  readonly name: string;
  readonly command: Command;
}

/** The program's commands in the order of its help, each group before its members; the program itself is first. */
export function allCommands(): readonly NamedCommand[] {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { stdin } = process;
  const signal = new AbortController().signal;
  const context = { stdin, stdout: silent, stderr: silent, env: {}, cwd: '/', now: () => 0, signal };
  return named('', createProgram(context).command);
}

function named(parent: string, command: Command): NamedCommand[] {
  const name = `${parent} ${command.name()}`.trim();
  return [{ name, command }, ...command.commands.flatMap((child) => named(name, child))];
}

/** What \`--help\` prints on a terminal of 80 columns without colours. */
export function helpText(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

export function cliPage(): string {
  const commands = allCommands();
  return page(
    'Command line',
    introduction,
    list(commands.map(({ name, command }) => `[${code(name)}](${anchor(name)}): ${command.description()}`)),
    ...commands.map(({ name, command }) => section(2, code(name), block('text', helpText(command)))),
  );
}
