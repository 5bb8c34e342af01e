/** The commands that read logs, find, alert and keep the data directory. */
import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { common, examples, failOn, type Action } from './options.js';

/** Commands that write: the data directory, its alerts, a config file. */
export function addWriters(program: Command, action: Action): void {
  common(program.command('run').description('Ingest, detect and alert: what a scheduler calls.'))
    .argument(
      '[paths...]',
      'Files, folders, globs or s3:// prefixes to read instead of the sources of the config; - is stdin.',
    )
    .option('--json', 'Print one summary object on stdout.')
    .option('--every <period>', 'Stay and run again at this period, such as 5m, until asked to end.')
    .addOption(failOn())
    .addHelpText('after', examples('bucketwatch run', 'bucketwatch run --fail-on high --json'))
    .action(action(async () => (await besideThreads(() => import('../commands/run.js'))).runCommand));
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
    .action(action(async () => (await besideThreads(() => import('../commands/ingest.js'))).ingestCommand));
  common(program.command('detect').description('Run the detectors over what is new, or over a period.'))
    .option('--from <time>', 'Start of the period, for example 2026-11-01 or 2026-11-01T06:00Z.')
    .option('--to <time>', 'End of the period, not included.')
    .option('--json', 'Print one summary object on stdout.')
    .addOption(failOn())
    .addHelpText('after', examples('bucketwatch detect --from 2026-11-01 --to 2026-11-08'))
    .action(action(async () => (await import('../commands/detect.js')).detectCommand));
  common(program.command('publish').description('Deliver the alerts that wait in the outbox.'))
    .option('--dead', 'Try alerts again that were given up.')
    .option('--forget-dead', 'Warn no more of alerts that were given up, and never try them.')
    .option('--dry-run', 'Only list what would be sent.')
    .option('--json', 'Print one summary object on stdout.')
    .addHelpText('after', examples('bucketwatch publish', 'bucketwatch publish --dead --dry-run'))
    .action(action(async () => (await import('../commands/publish.js')).publishCommand));
  common(
    program
      .command('compact')
      .description('Compact the lake: merge small files, so that questions are answered faster.'),
  )
    .option('--json', 'Print one summary object on stdout.')
    .addHelpText('after', examples('bucketwatch compact'))
    .action(action(async () => (await import('../commands/compact.js')).compactCommand));
  common(
    program.command('doctor').description('Check config, machine, data directory, permissions, sources and sinks.'),
  )
    .option('--send-test', 'Also send one marked test message through every sink.')
    .addOption(
      new Option('--format <format>', 'How the checks are printed.').choices(['table', 'json']).default('table'),
    )
    .addHelpText('after', examples('bucketwatch doctor', 'bucketwatch doctor --format json'))
    .action(action(async () => (await import('../commands/doctor.js')).doctorCommand));
  common(program.command('init').description('Write a commented config file.'), { dataDir: false })
    .argument('[file]', 'Where to write it.', 'bucketwatch.yaml')
    .option('--force', 'Overwrite a file that exists.')
    .addHelpText('after', examples('bucketwatch init'))
    .action(action(async () => (await import('../commands/init.js')).initCommand));
}

/** Loads a command that reads logs, beside a thread that will read them; where there are more cores, the second follows. */
async function besideThreads<Module>(load: () => Promise<Module>): Promise<Module> {
  const { startSpareWorkers } = await import('../../ingest/worker-pool.js');
  startSpareWorkers(1);
  const loaded = await load();
  startSpareWorkers(Math.min(2, availableParallelism()));
  return loaded;
}
