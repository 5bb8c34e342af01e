/** docs/errors.md: the exit codes and every code that an error can have. */
import { errorCodes, exitCodes, type ErrorCode } from '../config/app-error.js';
import { block, code, page, prose, section, table } from './markdown.js';

const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'Done, whatever was found.',
  internal: 'A defect of bucketwatch, or of the machine: the disk is full, the data directory is damaged.',
  usage: 'The command line, the config or the query is wrong; nothing was done.',
  partlyDone: 'Done in part: some objects or sinks failed. The state is saved and the next run tries them again.',
  unreachable: 'A source or a sink is unreachable or forbidden.',
  findings: 'Done, and `--fail-on` was given and there are findings at or above that severity.',
  lockHeld: 'Another run holds the lock of the data directory; nothing was done. A scheduler may ignore it.',
  interrupted: 'Ended by SIGINT. What was committed stays; the next run goes on.',
  terminated: 'Ended by SIGTERM. What was committed stays; the next run goes on.',
};

const introduction = `\
A mistake of the caller or of the world is one line on stderr that says where, what was found, what was expected and what to do, and
an exit code. Bad data is not an error: it is a [reject](data-quality.md). With \`--log-format json\` the line is an object with
\`code\`, \`msg\` and the facts of the error.`;

export function errorsPage(): string {
  const exits = (Object.keys(exitCodes) as (keyof typeof exitCodes)[]).map((name) => [
    String(exitCodes[name]),
    exitMeanings[name],
  ]);
  const codes = (Object.keys(errorCodes) as ErrorCode[]).map((name) => {
    const { exitCode, meaning } = errorCodes[name];
    return section(3, code(name), `Exit code ${exitCode}. ${prose(meaning)}`);
  });
  return page(
    'Errors and exit codes',
    introduction,
    section(
      2,
      'Exit codes',
      table(['code', 'meaning'], exits),
      block('sh', 'bucketwatch run --quiet --fail-on high || echo "exit code $?"'),
    ),
    section(2, 'Error codes', ...codes),
  );
}
