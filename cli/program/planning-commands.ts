/** The commands that plan: what a control or a detector would do, what is needed, and the page for everybody else. */
import type { Command } from 'commander';
import { common, examples, format, type Action } from './options.js';

/** Preview, policies, backtest and report. */
export function addPlanners(program: Command, action: Action): void {
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
    .action(action(async () => (await import('../commands/preview.js')).previewCommand));
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
    .action(action(async () => (await import('../commands/least-privilege.js')).leastPrivilegeCommand));
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
    .action(action(async () => (await import('../commands/backtest.js')).backtestCommand));
  addReport(program, action);
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
    .action(action(async () => (await import('../commands/report.js')).reportCommand));
}
