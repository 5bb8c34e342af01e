/** Every word that the command line knows, taken from the program itself: what completion scripts are written from. */
import type { Argument, Command, Option } from 'commander';
import { severities } from '../../config/severity.js';
import { shippedDetectors } from '../../detectors/shipped.js';
import { loadLibrary } from '../../queries/library.js';

/** A word that can be typed, and what it means in a few words. */
export interface Word {
  readonly text: string;
  readonly meaning: string;
}

/** What can stand somewhere: one of some words, a file, a folder, or something that nobody can guess. */
export type Candidates = readonly Word[] | 'file' | 'folder' | 'anything';

export interface OptionWords {
  /** Its spellings, such as `-p` and `--param`. */
  readonly flags: readonly string[];
  readonly meaning: string;
  /** Null when it takes no value. */
  readonly value: Candidates | null;
}

/** One command: its whole name without the program's (`findings list`; empty for the program) and what can follow. */
export interface CommandWords {
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly OptionWords[];
  readonly argument: Candidates;
}

/** All commands, the program first. */
export function commandWords(program: Command): CommandWords[] {
  return wordsBelow(program, '', {
    '[query]': loadLibrary().map(({ name, title }) => ({ text: name, meaning: title })),
    '<detector>': shippedDetectors().map(({ id, title }) => ({ text: id, meaning: title })),
    '<state>': ['open', 'updated', 'acknowledged', 'closed', 'suppressed'].map((text) => ({ text, meaning: '' })),
    '<severity>': severities.map((text) => ({ text, meaning: '' })),
  });
}

type Known = Readonly<Record<string, readonly Word[]>>;

function wordsBelow(command: Command, path: string, known: Known): CommandWords[] {
  const commands = command.commands.map((child) => ({ text: child.name(), meaning: child.description() }));
  const help =
    command.commands.length === 0 || path !== '' ? [] : [{ text: 'help', meaning: 'Show the help of a command.' }];
  const version = path === '' ? [{ flags: ['-V', '--version'], meaning: 'Print the version.', value: null }] : [];
  const options = command.options
    .filter(({ long }) => long !== '--version')
    .map((option) => optionWords(option, known));
  const own: CommandWords = {
    path,
    commands: [...commands, ...help],
    options: [...options, ...version, { flags: ['-h', '--help'], meaning: 'Show help.', value: null }],
    argument: argumentWords(command.registeredArguments[0], path, known),
  };
  return [own, ...command.commands.flatMap((child) => wordsBelow(child, `${path} ${child.name()}`.trim(), known))];
}

function optionWords(option: Option, known: Known): OptionWords {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined);
  const takesValue = option.required || option.optional;
  return { flags, meaning: option.description, value: takesValue ? optionValue(option, known) : null };
}

function optionValue({ argChoices, long }: Option, known: Known): Candidates {
  if (argChoices !== undefined) return argChoices.map((text) => ({ text, meaning: '' }));
  if (long === '--data-dir') return 'folder';
  if (long === '--config' || long === '--out') return 'file';
  return known[`<${(long ?? '').slice(2)}>`] ?? 'anything';
}

function argumentWords(argument: Argument | undefined, path: string, known: Known): Candidates {
  if (argument === undefined) return [];
  if (argument.argChoices !== undefined) return argument.argChoices.map((text) => ({ text, meaning: '' }));
  if (path.startsWith('detectors')) return known['<detector>']!;
  if (/^(paths|file)$/.test(argument.name())) return 'file';
  return known[`[${argument.name()}]`] ?? 'anything';
}
