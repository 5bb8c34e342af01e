/** `bucketwatch status`: is the job alive, is everything accounted for, is anything waiting. */
import { exitCodes } from '../../config/app-error.js';
import { readStatus, type Status } from '../../store/status.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { terminalSafe } from '../output/escape.js';
import { formatBytes, formatCount, formatCounted, formatDuration } from '../output/number-format.js';
import { createStyle, wantsColours, type Style } from '../output/style.js';
import { withReader } from '../reader-session.js';

export async function statusCommand(
  context: CommandContext,
  options: CommonOptions & { json?: boolean },
): Promise<number> {
  const { stdout, env, now } = context;
  const status = await withReader(context, options, ({ connection }) => readStatus(connection));
  if (options.json === true) stdout.write(`${JSON.stringify(status)}\n`);
  else stdout.write(statusText(status, { nowMs: now(), style: createStyle(wantsColours(stdout, env)) }));
  return exitCodes.done;
}

function statusText(status: Status, { nowMs, style }: { readonly nowMs: number; readonly style: Style }): string {
  const { last_run: run, lake } = status;
  const ago = (time: string | null): string =>
    time === null ? 'never' : `${formatDuration(nowMs - Date.parse(time))} ago, ${time}`;
  const rows: [string, string][] = [
    ['last run', run === null ? 'never' : `${run.status}, ${run.command}, ${ago(run.ended_at ?? run.started_at)}`],
    ['objects', `${formatCount(status.objects)} read, ${formatCount(status.objects_failed)} failing`],
    ['lines', accountsText(status)],
    ['newest event', ago(status.newest_event_at)],
    [
      'to detect',
      status.pending_hours === 0 ? 'nothing' : `${formatCounted(status.pending_hours, 'hour')} of new events`,
    ],
    [
      'findings',
      Object.entries(status.findings)
        .map(([severity, count]) => `${formatCount(count)} ${severity}`)
        .join(', ') || 'none open',
    ],
    ['alerts', alertsText(status, style)],
    ['lake', `${formatBytes(lake.bytes)} in ${formatCounted(lake.files, 'file')}`],
  ];
  const failing = status.failing.map(
    ({ uri, error, attempts }) =>
      `  ${style.yellow('failing')} ${terminalSafe(uri)} (${formatCounted(attempts, 'attempt')}): ${terminalSafe(error)}`,
  );
  return `${[...rows.map(([name, text]) => `${style.bold(name.padEnd(14))}${text}`), ...failing].join('\n')}\n`;
}

/** Dead alerts are in the file dead-letters.jsonl of the data directory too. */
function alertsText({ alerts_pending, alerts_dead }: Status, style: Style): string {
  const dead = `${formatCount(alerts_dead)} dead`;
  const hint = alerts_dead === 0 ? dead : `${style.yellow(dead)}: bucketwatch publish --dead`;
  return `${formatCount(alerts_pending)} pending, ${hint}`;
}

function accountsText({ lines, rows, duplicates, rejected }: Status): string {
  const accounts = `${formatCount(lines)} = ${formatCount(rows)} rows + ${formatCount(duplicates)} duplicates + ${formatCount(rejected)} rejected`;
  return lines === rows + duplicates + rejected ? accounts : `${accounts} (DOES NOT ADD UP: please report this)`;
}
