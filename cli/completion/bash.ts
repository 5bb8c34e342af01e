/** The completion script for bash 4 and later. It starts no process: every word is in it. */
import type { Candidates, CommandWords } from './words.js';

/** The script; `parameters` are those of library queries by name. */
export function bashScript(
  commands: readonly CommandWords[],
  parameters: Readonly<Record<string, readonly string[]>>,
): string {
  return `# bash completion for bucketwatch, written by "bucketwatch completion bash".
# Load it with: source <(bucketwatch completion bash)

_bucketwatch_words() {
  # The words for what is asked of the command $1: commands, options, argument, or the value of an option.
  case "$1|$2" in
${commands.flatMap(commandCases).join('\n')}
    *) REPLY='' ;;
  esac
}

_bucketwatch_parameters() {
  case "$1" in
${Object.entries(parameters)
  .filter(([, names]) => names.length > 0)
  .map(([query, names]) => `    ${quoted(query)}) REPLY=${quoted(names.map((name) => `${name}=`).join(' '))} ;;`)
  .join('\n')}
    *) REPLY='' ;;
  esac
}

_bucketwatch() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' flag='' argument='' skip='' word i REPLY
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ $word == '=' ]]; then
      # bash cuts --format=json into three words, and key=value as well.
      [[ -z $flag ]] && skip=yes
      continue
    fi
    if [[ -n $flag || -n $skip ]]; then
      flag=''
      skip=''
      continue
    fi
    if [[ $word == -* ]]; then
      _bucketwatch_words "$path" "$word"
      [[ -n $REPLY ]] && flag="$word"
      continue
    fi
    _bucketwatch_words "$path" commands
    if [[ " $REPLY " == *" $word "* ]]; then
      path="\${path:+$path }$word"
    elif [[ -z $argument ]]; then
      argument="$word"
    fi
  done
  [[ $current == '=' ]] && current=''
  if [[ -n $flag ]]; then
    _bucketwatch_words "$path" "$flag"
    if [[ $REPLY == '<anything>' && $path == query && ($flag == -p || $flag == --param) ]]; then
      _bucketwatch_parameters "$argument"
      compopt -o nospace 2> /dev/null
    fi
  elif [[ $current == -* ]]; then
    _bucketwatch_words "$path" options
  else
    local commands
    _bucketwatch_words "$path" commands
    commands="$REPLY"
    REPLY=''
    [[ -z $argument || $path != query ]] && _bucketwatch_words "$path" argument
    [[ $REPLY != '<file>' ]] && REPLY="$commands $REPLY"
  fi
  case "$REPLY" in
    '<anything>') ;;
    '<file>')
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    '<folder>')
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "\${REPLY//<anything>/}" -- "$current") ;;
  esac
}

complete -F _bucketwatch bucketwatch
`;
}

function commandCases({ path, commands, options, argument }: CommandWords): string[] {
  const flags = options.flatMap((option) => option.flags);
  const valued = options.filter(({ value }) => value !== null);
  return [
    line(`${path}|commands`, commands.map(({ text }) => text).join(' ')),
    line(`${path}|options`, flags.join(' ')),
    line(`${path}|argument`, candidates(argument)),
    ...valued.flatMap((option) => option.flags.map((flag) => line(`${path}|${flag}`, candidates(option.value!)))),
  ];
}

function line(asked: string, reply: string): string {
  return `    ${quoted(asked)}) REPLY=${quoted(reply)} ;;`;
}

function candidates(words: Candidates): string {
  return typeof words === 'string' ? `<${words}>` : words.map(({ text }) => text).join(' ');
}

/** A text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
