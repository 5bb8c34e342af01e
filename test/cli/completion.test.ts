/** The completion scripts in real shells; those that are not installed are left out. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commandWords } from '../../cli/completion/words.js';
import { allCommands } from '../../docs/cli-page.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';
import { hasPseudoTerminals, PseudoTerminal } from './pseudo-terminal.js';

const executable = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const isInstalled = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
const folder = temporaryFolder('completion');

/** Writes the script of a shell to a file, as its user would. */
function scriptOf(shell: string): string {
  const { status, stdout } = spawnSync(process.execPath, [executable, 'completion', shell], { encoding: 'utf8' });
  expect(status).toBe(0);
  const file = path.join(folder, `completion.${shell}`);
  fs.writeFileSync(file, stdout);
  return file;
}

function output(shell: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What is typed, with some of the words that must be offered and some that must not. */
const expectations: readonly (readonly [typed: string, offered: readonly string[], not: readonly string[]])[] = [
  ['bucketwatch ', ['run', 'query', 'shell', 'completion'], ['list']],
  ['bucketwatch findings ', ['list', 'show', 'ack'], ['run']],
  ['bucketwatch query top-', ['top-talkers', 'top-buckets'], ['deletes']],
  ['bucketwatch query --quiet top-', ['top-talkers'], []],
  ['bucketwatch query top-talkers --for', ['--format'], ['--quiet']],
  ['bucketwatch query --format ', ['table', 'parquet'], ['top-talkers']],
  ['bucketwatch findings list --severity ', ['critical', 'info'], ['list']],
  ['bucketwatch findings list --detector mass-', ['mass-object-delete'], ['delete-anomaly']],
  ['bucketwatch detectors explain log-bucket-', ['log-bucket-object-deleted'], ['mass-object-delete']],
  ['bucketwatch completion ', ['bash', 'zsh', 'fish'], []],
  ['bucketwatch query prefix-access --param ', ['bucket=', 'prefix=', 'from='], ['limit=']],
  ['bucketwatch --version ', ['run'], []],
];

describe.skipIf(!isInstalled('bash'))('in bash', () => {
  let script: string;
  beforeAll(() => {
    script = scriptOf('bash');
    fs.writeFileSync(path.join(folder, 'a config.yaml'), '');
    fs.mkdirSync(path.join(folder, 'a-folder'));
  });

  /** bash cuts words at spaces and at the equals sign. */
  function complete(typed: string): string[] {
    const words = typed.split(/ |(=)/).filter((word) => word !== undefined);
    const cut = words.filter((word, index) => word !== '' || index === words.length - 1);
    const program =
      'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bucketwatch; printf "%s\\n" "${COMPREPLY[@]}"';
    return output('bash', ['--norc', '-c', program, 'bash', script, ...cut]);
  }

  it.each(expectations)('offers behind %j the right words', (typed, offered, not) => {
    const found = complete(typed);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    expect(found.filter((word) => not.includes(word))).toEqual([]);
  });

  it('completes the value behind an equals sign', () => {
    expect(complete('bucketwatch query --format=par')).toEqual(['parquet']);
  });

  it('offers files where a file is asked for, also with a space, and folders where a folder is', () => {
    expect(complete('bucketwatch run --config a')).toEqual(expect.arrayContaining(['a config.yaml']));
    expect(complete('bucketwatch run --data-dir a')).toEqual(['a-folder']);
  });

  it('offers nothing where nobody can guess', () => {
    expect(complete('bucketwatch findings list --limit ')).toEqual([]);
  });

  it('is loaded without a complaint', () => {
    expect(output('bash', ['--norc', '-c', 'source "$1"; complete -p bucketwatch', 'bash', script])).toEqual([
      'complete -F _bucketwatch bucketwatch',
    ]);
  });
});

describe.skipIf(!isInstalled('fish'))('in fish', () => {
  let script: string;
  beforeAll(() => (script = scriptOf('fish')));

  it.each(expectations)('offers behind %j the right words', (typed, offered, not) => {
    const lines = output('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, typed]);
    const found = lines.map((line) => line.split('\t')[0]!);
    expect(found).toEqual(expect.arrayContaining([...offered]));
    expect(found.filter((word) => not.includes(word))).toEqual([]);
  });
});

const atPrompt = /\n[^]*ready> $/;

describe.skipIf(!isInstalled('zsh') || !hasPseudoTerminals)('in zsh', () => {
  let script: string;
  let terminal: PseudoTerminal | null = null;
  beforeAll(() => (script = scriptOf('zsh')));
  afterEach(() => terminal?.close());

  it.each(expectations)('offers behind %j the right words', async (typed, offered, not) => {
    terminal = new PseudoTerminal('zsh -f -i', { HOME: folder });
    await terminal.type(`PS1='ready''> '; LISTMAX=0\n`, atPrompt);
    await terminal.type(`autoload -U compinit; compinit -u -D; source '${script}'\n`, atPrompt);
    // Tab would complete a single word; this key only lists.
    await terminal.type('bindkey "^T" list-choices\n', atPrompt);
    const listed = await terminal.type(`${typed}\u0014`, new RegExp(`\\n[^]*${offered[0]!}`));
    await terminal.type('\u0015echo en""d\n', /end/);
    for (const word of offered) expect(listed).toContain(word);
    for (const word of not) expect(listed.slice(listed.indexOf('\n'))).not.toMatch(new RegExp(`^ *${word}\\b`, 'm'));
  });
});

describe('the words of a script', () => {
  it('know every command and every option of the program', () => {
    const [root] = allCommands();
    const words = new Map(commandWords(root!.command).map((command) => [command.path, command]));
    for (const { name, command } of allCommands()) {
      const known = words.get(name.replace(/^bucketwatch ?/, ''))!;
      const flags = known.options.flatMap((option) => option.flags);
      expect(flags).toEqual(expect.arrayContaining(command.options.map(({ long }) => long!)));
    }
  });
});
