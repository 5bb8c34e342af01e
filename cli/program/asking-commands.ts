/** The commands that answer questions. */
import { Argument, Option, type Command } from 'commander';
import { severities } from '../../config/severity.js';
import { subjectKinds } from '../../queries/investigation/subject.js';
import { common, examples, format, type Action } from './options.js';
import { addPlanners } from './planning-commands.js';

/** Commands that only read the data directory. */
export function addReaders(program: Command, action: Action): void {
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
    .action(action(async () => (await import('../commands/query.js')).queryCommand));
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
    .action(action(async () => (await import('../commands/shell.js')).shellCommand));
  addInvestigate(program, action);
  addFindings(program, action);
  const detectors = program
    .command('detectors')
    .description('List, explain and test the detectors.')
    .action(() => detectors.help());
  common(detectors.command('list').description('List the detectors and their state.'))
    .addOption(format())
    .addHelpText('after', examples('bucketwatch detectors list'))
    .action(action(async () => (await import('../commands/detectors.js')).listDetectorsCommand));
  common(detectors.command('explain').description('Explain one detector: what, why, parameters, triage.'))
    .argument('<id>', 'The id of the detector.')
    .addHelpText('after', examples('bucketwatch detectors explain log-bucket-object-deleted'))
    .action(action(async () => (await import('../commands/detectors.js')).explainDetectorCommand));
  common(detectors.command('test').description('Run the cases of a folder with detectors of your own.'), {
    dataDir: false,
  })
    .argument('<folder>', 'Holds <family>/<id>.sql, and cases/<id>/fires-….yaml and quiet-….yaml.')
    .addOption(format())
    .addHelpText('after', examples('bucketwatch detectors test ./detectors'))
    .action(action(async () => (await import('../commands/test-detectors.js')).testDetectorsCommand));
  addPlanners(program, action);
  common(program.command('status').description('Show the last run, the accounts of lines, lag and pending alerts.'))
    .option('--json', 'Print one object on stdout.')
    .addHelpText('after', examples('bucketwatch status'))
    .action(action(async () => (await import('../commands/status.js')).statusCommand));
  program
    .command('completion')
    .description('Print the script that makes a shell complete commands, options and names.')
    .addArgument(new Argument('<shell>', 'Your shell.').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', examples('bucketwatch completion bash > bucketwatch.bash'))
    .action(action(async () => (await import('../commands/completion.js')).completionCommand(program)));
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
    .action(action(async () => (await import('../commands/investigate.js')).investigateCommand));
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
    .action(action(async () => (await import('../commands/findings.js')).listFindingsCommand));
  common(findings.command('show').description('Show everything about one finding.'))
    .argument('<id>', 'The id, or its first characters.')
    .addOption(new Option('--format <format>', 'How to print it.').choices(['table', 'json']).default('table'))
    .addHelpText('after', examples('bucketwatch findings show 3f9c21ab'))
    .action(action(async () => (await import('../commands/findings.js')).showFindingCommand));
  common(findings.command('suppressions').description('List the suppressions of the config and what they hold back.'))
    .addOption(format())
    .addHelpText('after', examples('bucketwatch findings suppressions'))
    .action(action(async () => (await import('../commands/findings.js')).listSuppressionsCommand));
  for (const [name, what] of [
    ['ack', 'Acknowledge a finding: it stays, and stops alerting.'],
    ['close', 'Close a finding.'],
    ['reopen', 'Open a closed or acknowledged finding again.'],
  ] as const) {
    common(findings.command(name).description(what))
      .argument('<id>', 'The id, or its first characters.')
      .option('--note <text>', 'Why, for whoever reads it next.')
      .addHelpText('after', examples(`bucketwatch findings ${name} 3f9c21ab`))
      .action(action(async () => (await import('../commands/findings.js')).changeFindingCommand(name)));
  }
}
