/** The completion script for zsh, with the meaning of each word beside it. */
import type { Candidates, CommandWords, Word } from './words.js';

/** The script; `parameters` are those of library queries by name. */
export function zshScript(
  commands: readonly CommandWords[],
  parameters: Readonly<Record<string, readonly string[]>>,
): string {
  return `#compdef bucketwatch
# zsh completion for bucketwatch, written by "bucketwatch completion zsh".
# Load it with: source <(bucketwatch completion zsh), after compinit; or save it as _bucketwatch in a folder of $fpath.

_bucketwatch_words() {
  # The words for what is asked of the command $1: commands, options, argument, or the value of an option.
  reply=()
  case "$1|$2" in
${commands.flatMap(commandCases).join('\n')}
  esac
}

_bucketwatch_parameters() {
  reply=()
  case "$1" in
${Object.entries(parameters)
  .filter(([, names]) => names.length > 0)
  .map(([query, names]) => `    ${quoted(query)}) reply=(${names.map((name) => quoted(`${name}=`)).join(' ')}) ;;`)
  .join('\n')}
  esac
}

_bucketwatch() {
  local command='' flag='' argument='' word
  local -a reply
  integer i
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $flag ]]; then
      flag=''
      continue
    fi
    if [[ $word == -* ]]; then
      [[ $word == *=* ]] && continue
      _bucketwatch_words "$command" "$word"
      (( \${#reply} )) && flag="$word"
      continue
    fi
    _bucketwatch_words "$command" commands
    if (( \${reply[(I)$word:*]} )); then
      command="\${command:+$command }$word"
    elif [[ -z $argument ]]; then
      argument="$word"
    fi
  done
  word="\${words[CURRENT]}"
  if [[ -z $flag && $word == --*=* ]]; then
    flag="\${word%%=*}"
    compset -P '*='
  fi
  if [[ -n $flag ]]; then
    _bucketwatch_words "$command" "$flag"
    if [[ $command == query && ($flag == -p || $flag == --param) ]]; then
      _bucketwatch_parameters "$argument"
      compadd -S '' -a reply
      return
    fi
  elif [[ $word == -* ]]; then
    _bucketwatch_words "$command" options
  else
    _bucketwatch_words "$command" commands
    local -a commands
    commands=("\${reply[@]}")
    reply=()
    [[ -z $argument || $command != query ]] && _bucketwatch_words "$command" argument
    [[ \${reply[1]} == '<'* ]] || reply=("\${commands[@]}" "\${reply[@]}")
  fi
  case "\${reply[1]}" in
    '<anything>') ;;
    '<file>') _files ;;
    '<folder>') _files -/ ;;
    *) _describe -t words 'word' reply ;;
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _bucketwatch "$@"
else
  compdef _bucketwatch bucketwatch
fi
`;
}

function commandCases({ path, commands, options, argument }: CommandWords): string[] {
  const flags = options.flatMap((option) => option.flags.map((text) => ({ text, meaning: option.meaning })));
  const valued = options.filter(({ value }) => value !== null);
  return [
    line(`${path}|commands`, commands),
    line(`${path}|options`, flags),
    line(`${path}|argument`, argument),
    ...valued.flatMap((option) => option.flags.map((flag) => line(`${path}|${flag}`, option.value!))),
  ];
}

function line(asked: string, words: Candidates): string {
  const reply = typeof words === 'string' ? quoted(`<${words}>`) : words.map(described).join(' ');
  return `    ${quoted(asked)}) reply=(${reply}) ;;`;
}

/** `_describe` cuts at the first colon. */
function described({ text, meaning }: Word): string {
  return quoted(`${text.replaceAll(':', '\\:')}:${meaning}`);
}

/** A text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
