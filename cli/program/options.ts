/** What the descriptions of commands share: options that many take, and the shape of their examples. */
import { Option, type Command } from 'commander';
import { severities } from '../../config/severity.js';
import type { CommandContext } from '../context.js';

/** A command's own module has one export that runs it and answers the exit code. */
export type CommandModule = (context: CommandContext, ...args: never[]) => Promise<number>;

/** Makes a command's action of the import of its module. */
export type Action = (load: () => Promise<CommandModule>) => (...args: unknown[]) => Promise<void>;

const formats = ['table', 'json', 'jsonl', 'csv', 'arrow', 'parquet', 'markdown'];

export function common(command: Command, { dataDir = true }: { dataDir?: boolean } = {}): Command {
  if (dataDir) command.option('--data-dir <dir>', 'Folder of the lake and the catalog. (default: ./bucketwatch-data)');
  return command
    .option('--config <file>', 'Config file. (default: ./bucketwatch.yaml if it exists)')
    .option('--quiet', 'Print no progress and no notes, only results and errors.')
    .addOption(
      new Option('--log-format <format>', 'How notes and errors are printed on stderr.')
        .choices(['text', 'json'])
        .default('text'),
    );
}

export function format(): Option {
  return new Option('--format <format>', 'How rows are printed.').choices(formats).default('table');
}

export function failOn(): Option {
  return new Option('--fail-on <severity>', 'Exit with 10 when there are findings of this severity or worse.').choices(
    severities,
  );
}

export function examples(...lines: string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
}
