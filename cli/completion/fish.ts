/** The completion script for fish, with the meaning of each word beside it. */
import type { Candidates, CommandWords, OptionWords } from './words.js';

/** The script; `parameters` are those of library queries by name. */
export function fishScript(
  commands: readonly CommandWords[],
  parameters: Readonly<Record<string, readonly string[]>>,
): string {
  const named = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  return `# fish completion for bucketwatch, written by "bucketwatch completion fish".
# Save it as ~/.config/fish/completions/bucketwatch.fish, or load it with: bucketwatch completion fish | source

function __bucketwatch_command
    # The command that the words so far name: nothing, query, findings list, …
    set -l known ${named.join(' ')}
    set -l command
    for word in (commandline -opc)[2..]
        set -l longer (string trim -- "$command $word")
        contains -- $longer $known; and set command $longer
    end
    echo $command
end

function __bucketwatch_at
    test (__bucketwatch_command) = "$argv[1]"
end

function __bucketwatch_parameters
    # The parameters of the library query that was named.
    for word in (commandline -opc)
        switch $word
${Object.entries(parameters)
  .filter(([, names]) => names.length > 0)
  .map(
    ([query, names]) =>
      `            case ${quoted(query)}\n                printf '%s\\n' ${names.map((name) => quoted(`${name}=`)).join(' ')}`,
  )
  .join('\n')}
        end
    end
end

complete -c bucketwatch -f
${commands.flatMap(commandLines).join('\n')}
`;
}

function commandLines({ path, commands, options, argument }: CommandWords): string[] {
  const at = `complete -c bucketwatch -n ${quoted(`__bucketwatch_at ${quoted(path)}`)}`;
  const words = [...commands, ...(typeof argument === 'string' ? [] : argument)];
  return [
    ...words.map(({ text, meaning }) => `${at} -a ${quoted(text)}${described(meaning)}`),
    ...(argument === 'file' ? [`${at} -F`] : []),
    ...options.map((option) => `${at}${optionFlags(option)}${optionValue(path, option)}${described(option.meaning)}`),
  ];
}

function optionFlags({ flags }: OptionWords): string {
  return flags.map((flag) => (flag.startsWith('--') ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`)).join('');
}

function optionValue(path: string, { value, flags }: OptionWords): string {
  if (value === null) return '';
  if (path === 'query' && flags.includes('--param')) return ` -x -a ${quoted('(__bucketwatch_parameters)')}`;
  return ` ${valueFlags(value)}`;
}

function valueFlags(value: Candidates): string {
  if (value === 'file') return '-r -F';
  if (value === 'folder') return `-x -a ${quoted('(__fish_complete_directories)')}`;
  if (value === 'anything') return '-x';
  return `-x -a ${quoted(value.map(({ text }) => text).join(' '))}`;
}

function described(meaning: string): string {
  return meaning === '' ? '' : ` -d ${quoted(meaning)}`;
}

/** A text as one word of fish, where a backslash in single quotes escapes a quote and itself. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
