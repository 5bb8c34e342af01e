/** The command line: every command, its options and its help. Commands themselves are loaded when they run. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { severities } from '../config/severity.js';
import { subjectKinds } from '../queries/investigation/subject.js';
import type { CommandContext, CommonOptions } from './context.js';

/** A command's own module has one export that runs it and answers the exit code. */
type CommandModule = (context: CommandContext, ...args: never[]) => Promise<number>;

const formats = ['table', 'json', 'jsonl', 'csv', 'arrow', 'parquet', 'markdown'];

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

type Action = (load: () => Promise<CommandModule>) => (...args: unknown[]) => Promise<void>;

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

function addWriters(program: Command, action: Action): void {
  common(program.command('run').description('Ingest, detect and alert: what a scheduler calls.'))
    .argument(
      '[paths...]',
      'Files, folders, globs or s3:// prefixes to read instead of the sources of the config; - is stdin.',
    )
    .option('--json', 'Print one summary object on stdout.')
    .option('--every <period>', 'Stay and run again at this period, such as 5m, until asked to end.')
    .addOption(failOn())
    .addHelpText('after', examples('bucketwatch run', 'bucketwatch run --fail-on high --json'))
    .action(action(async () => (await import('./commands/run.js')).runCommand));
  common(program.command('ingest').description('Read new logs into the lake; nothing else.'))
    .argument(
      '[paths...]',
      'Files, folders, globs or s3:// prefixes to read instead of the sources of the config; - is stdin.',
    )
    .option(
      '--from <time>',
      'Back-fill: the first day to read of S3, for example 2026-11-01, by the dates in the keys.',
    )
    .option('--to <time>', 'End of the back-fill, not included. (default: now)')
    .option('--json', 'Print one summary object on stdout.')
    .addHelpText('after', examples('bucketwatch ingest ./logs', 'zcat trail.json.gz | bucketwatch ingest -'))
    .action(action(async () => (await import('./commands/ingest.js')).ingestCommand));
  common(program.command('detect').description('Run the detectors over what is new, or over a period.'))
    .option('--from <time>', 'Start of the period, for example 2026-11-01 or 2026-11-01T06:00Z.')
    .option('--to <time>', 'End of the period, not included.')
    .option('--json', 'Print one summary object on stdout.')
    .addOption(failOn())
    .addHelpText('after', examples('bucketwatch detect --from 2026-11-01 --to 2026-11-08'))
    .action(action(async () => (await import('./commands/detect.js')).detectCommand));
  common(program.command('publish').description('Deliver the alerts that wait in the outbox.'))
    .option('--dead', 'Try alerts again that were given up.')
    .option('--forget-dead', 'Warn no more of alerts that were given up, and never try them.')
    .option('--dry-run', 'Only list what would be sent.')
    .option('--json', 'Print one summary object on stdout.')
    .addHelpText('after', examples('bucketwatch publish', 'bucketwatch publish --dead --dry-run'))
    .action(action(async () => (await import('./commands/publish.js')).publishCommand));
  common(
    program.command('doctor').description('Check config, machine, data directory, permissions, sources and sinks.'),
  )
    .option('--send-test', 'Also send one marked test message through every sink.')
    .addOption(
      new Option('--format <format>', 'How the checks are printed.').choices(['table', 'json']).default('table'),
    )
    .addHelpText('after', examples('bucketwatch doctor', 'bucketwatch doctor --format json'))
    .action(action(async () => (await import('./commands/doctor.js')).doctorCommand));
  common(program.command('init').description('Write a commented config file.'), { dataDir: false })
    .argument('[file]', 'Where to write it.', 'bucketwatch.yaml')
    .option('--force', 'Overwrite a file that exists.')
    .addHelpText('after', examples('bucketwatch init'))
    .action(action(async () => (await import('./commands/init.js')).initCommand));
}

function addReaders(program: Command, action: Action): void {
  common(program.command('query').description('Ask in SQL, or run a query of the library by its name.'))
    .argument('[query]', 'SQL, or the name of a library query; left out, lists the library.')
    .option('-p, --param <name=value...>', 'A parameter of the query.')
    .addOption(format())
    .option('--explain', 'Explain the library query: its parameters, columns and SQL.')
    .option('--out <file>', 'Write to a file instead of stdout.')
    .addHelpText(
      'after',
      examples(
        'bucketwatch query top-principals',
        'bucketwatch query prefix-access --explain',
        'bucketwatch query "select operation, count(*) from s3_access_log group by all"',
      ),
    )
    .action(action(async () => (await import('./commands/query.js')).queryCommand));
  common(program.command('shell').description('Ask one question after the other, with completion and history.'))
    .addOption(
      new Option('--mode <mode>', 'How rows are printed; ".mode" changes it.')
        .choices(['table', 'expanded', 'json', 'jsonl', 'csv', 'markdown'])
        .default('table'),
    )
    .option('--allow-files', 'Let queries read other files of this machine.')
    .addHelpText(
      'after',
      examples('bucketwatch shell', 'echo "top-talkers by=requests;" | bucketwatch shell --mode csv'),
    )
    .action(action(async () => (await import('./commands/shell.js')).shellCommand));
  addInvestigate(program, action);
  addFindings(program, action);
  const detectors = program
    .command('detectors')
    .description('List, explain and test the detectors.')
    .action(() => detectors.help());
  common(detectors.command('list').description('List the detectors and their state.'))
    .addOption(format())
    .addHelpText('after', examples('bucketwatch detectors list'))
    .action(action(async () => (await import('./commands/detectors.js')).listDetectorsCommand));
  common(detectors.command('explain').description('Explain one detector: what, why, parameters, triage.'))
    .argument('<id>', 'The id of the detector.')
    .addHelpText('after', examples('bucketwatch detectors explain log-bucket-object-deleted'))
    .action(action(async () => (await import('./commands/detectors.js')).explainDetectorCommand));
  common(detectors.command('test').description('Run the cases of a folder with detectors of your own.'), {
    dataDir: false,
  })
    .argument('<folder>', 'Holds <family>/<id>.sql, and cases/<id>/fires-….yaml and quiet-….yaml.')
    .addOption(format())
    .addHelpText('after', examples('bucketwatch detectors test ./detectors'))
    .action(action(async () => (await import('./commands/test-detectors.js')).testDetectorsCommand));
  addPreview(program, action);
  common(program.command('status').description('Show the last run, the accounts of lines, lag and pending alerts.'))
    .option('--json', 'Print one object on stdout.')
    .addHelpText('after', examples('bucketwatch status'))
    .action(action(async () => (await import('./commands/status.js')).statusCommand));
  program
    .command('completion')
    .description('Print the script that makes a shell complete commands, options and names.')
    .addArgument(new Argument('<shell>', 'Your shell.').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples('bucketwatch completion bash > bucketwatch.bash'))
    .action(action(async () => (await import('./commands/completion.js')).completionCommand(program)));
}

function addPreview(program: Command, action: Action): void {
  common(program.command('preview').description('Preview a control: which logged requests it would have refused.'))
    .argument('[control...]', 'The control and its values, such as ip-allow 198.51.100.0/24; left out, lists them.')
    .option('--bucket <name...>', 'Only these buckets. (default: all)')
    .option('--from <time>', 'Start of the period, for example 2026-11-01. (default: the first log)')
    .option('--to <time>', 'End of the period, not included. (default: the last log)')
    .option('--min <version>', 'Of tls-only: also refuse TLS below this version, such as 1.2.')
    .option('--vpc-endpoint <id...>', 'Of ip-allow: VPC endpoints that stay allowed.')
    .option('--distribution <arn>', 'Of cloudfront-only: the distribution that stays allowed.')
    .option('--days <list>', 'Of hours: working days, such as mon,tue,wed. (default: business_hours)')
    .option('--hours <span>', 'Of hours: working hours, such as 07:00-20:00. (default: business_hours)')
    .option('--time-zone <name>', 'Of hours: their time zone, such as Europe/Berlin. (default: business_hours)')
    .option('--break-glass <arn...>', 'Roles and users that the policy leaves alone.')
    .addOption(format())
    .option('--out <file>', 'Write rows to a file instead of stdout.')
    .addHelpText(
      'after',
      examples(
        'bucketwatch preview',
        'bucketwatch preview tls-only --min 1.2',
        'bucketwatch preview ip-allow 198.51.100.0/24 --bucket acme-finance-reports',
        'bucketwatch preview block-public-access --format json',
      ),
    )
    .action(action(async () => (await import('./commands/preview.js')).previewCommand));
  common(program.command('least-privilege').description('Print what principals used on a bucket as IAM policies.'))
    .argument('<bucket>', 'The bucket.')
    .option('--principal <name>', 'Only this principal, as s3_events names it.')
    .option('--days <n>', 'Only the last days of the logs, such as 90. (default: all)')
    .addOption(format())
    .option('--out <file>', 'Write rows to a file instead of stdout.')
    .addHelpText(
      'after',
      examples(
        'bucketwatch least-privilege acme-customer-docs',
        'bucketwatch least-privilege acme-db-backups --days 14 --format json',
      ),
    )
    .action(action(async () => (await import('./commands/least-privilege.js')).leastPrivilegeCommand));
  common(program.command('backtest').description('Replay a period: findings a day and what is noisy, without alerts.'))
    .option('--from <time>', 'First day of the period, for example 2026-11-01. (default: the first log)')
    .option('--to <time>', 'End of the period, not included; whole days. (default: the last log)')
    .addOption(format())
    .option('--out <file>', 'Write rows to a file instead of stdout.')
    .addHelpText(
      'after',
      examples(
        'bucketwatch backtest --from 2026-11-06 --to 2026-11-10',
        'bucketwatch backtest --from 2026-11-12 --format json',
      ),
    )
    .action(action(async () => (await import('./commands/backtest.js')).backtestCommand));
  addReport(program, action);
}

function addInvestigate(program: Command, action: Action): void {
  common(
    program
      .command('investigate')
      .description('Investigate an address, a principal, a key, a bucket, an object or a finding.'),
  )
    .argument(
      '<subject>',
      'An address or network, a principal, an access key id, a bucket, s3://bucket/key, a request id, or the id of a finding.',
    )
    .addOption(new Option('--as <kind>', 'Read the subject as this kind.').choices(subjectKinds))
    .option('--from <time>', 'Start of the period, for example 2026-11-01 or 2026-11-01T06:00Z.')
    .option('--to <time>', 'End of the period, not included.')
    .addOption(
      new Option('--format <format>', 'How it is printed; html is one page to attach to a ticket.')
        .choices(['text', 'json', 'html'])
        .default('text'),
    )
    .option('--all', 'Read every event of it, also of a lake so large that the latest would do.')
    .option('--no-queries', 'Leave out the SQL behind each section.')
    .option('--out <file>', 'Write to a file instead of stdout.')
    .addHelpText(
      'after',
      examples(
        'bucketwatch investigate arn:aws:iam::111122223333:role/customer-portal',
        'bucketwatch investigate 203.0.113.77 --no-queries',
        'bucketwatch investigate 3f9c21ab --format html --out ticket.html',
      ),
    )
    .action(action(async () => (await import('./commands/investigate.js')).investigateCommand));
}

function addReport(program: Command, action: Action): void {
  common(program.command('report').description('Write one HTML page with findings, charts, coverage and detectors.'))
    .requiredOption('--out <file>', 'The file to write; - is stdout.')
    .option('--from <time>', 'Start of the period, for example 2026-11-01 or 2026-11-01T06:00Z.')
    .option('--to <time>', 'End of the period, not included.')
    .addHelpText(
      'after',
      examples('bucketwatch report --out report.html', 'bucketwatch report --out november.html --from 2026-11-01'),
    )
    .action(action(async () => (await import('./commands/report.js')).reportCommand));
}

function addFindings(program: Command, action: Action): void {
  const findings = program
    .command('findings')
    .description('Show the findings and decide about them.')
    .action(() => findings.help());
  common(findings.command('list').description('List findings, worst first.'))
    .option('--state <state...>', 'Only these states: open, updated, acknowledged, closed, suppressed.')
    .addOption(new Option('--severity <severity>', 'Only this severity and worse.').choices(severities))
    .option('--detector <id>', 'Only findings of this detector.')
    .option('--limit <n>', 'At most this many.', '100')
    .addOption(format())
    .addHelpText(
      'after',
      examples('bucketwatch findings list --severity high', 'bucketwatch findings list --format jsonl'),
    )
    .action(action(async () => (await import('./commands/findings.js')).listFindingsCommand));
  common(findings.command('show').description('Show everything about one finding.'))
    .argument('<id>', 'The id, or its first characters.')
    .addOption(new Option('--format <format>', 'How to print it.').choices(['table', 'json']).default('table'))
    .addHelpText('after', examples('bucketwatch findings show 3f9c21ab'))
    .action(action(async () => (await import('./commands/findings.js')).showFindingCommand));
  common(findings.command('suppressions').description('List the suppressions of the config and what they hold back.'))
    .addOption(format())
    .addHelpText('after', examples('bucketwatch findings suppressions'))
    .action(action(async () => (await import('./commands/findings.js')).listSuppressionsCommand));
  for (const [name, what] of [
    ['ack', 'Acknowledge a finding: it stays, and stops alerting.'],
    ['close', 'Close a finding.'],
    ['reopen', 'Open a closed or acknowledged finding again.'],
  ] as const) {
    common(findings.command(name).description(what))
      .argument('<id>', 'The id, or its first characters.')
      .option('--note <text>', 'Why, for whoever reads it next.')
      .addHelpText('after', examples(`bucketwatch findings ${name} 3f9c21ab`))
      .action(action(async () => (await import('./commands/findings.js')).changeFindingCommand(name)));
  }
}

function common(command: Command, { dataDir = true }: { dataDir?: boolean } = {}): Command {
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

function format(): Option {
  return new Option('--format <format>', 'How rows are printed.').choices(formats).default('table');
}

function failOn(): Option {
  return new Option('--fail-on <severity>', 'Exit with 10 when there are findings of this severity or worse.').choices(
    severities,
  );
}

function examples(...lines: string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
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
