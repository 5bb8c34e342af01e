/** What `doctor` prints: a line a check and what to do about those that are not ok, or one JSON object. */
import { exitCodes } from '../../config/app-error.js';
import { terminalSafe, terminalSafeLines } from '../output/escape.js';
import { renderGrid, type GridColumn } from '../output/grid.js';
import type { Style } from '../output/style.js';
import type { Check, CheckStatus } from './check.js';

/** 0 when nothing fails; otherwise 2 for what the config must mend, then 4 for access, then 3. */
export function exitCodeOfChecks(checks: readonly Check[]): number {
  const kinds = new Set(checks.map(({ kind }) => kind));
  if (kinds.has('config')) return exitCodes.usage;
  if (kinds.has('access')) return exitCodes.unreachable;
  return kinds.has('local') ? exitCodes.partlyDone : exitCodes.done;
}

export function checksJson(checks: readonly Check[]): string {
  const shown = checks.map((check) => ({ ...check, kind: undefined }));
  return `${JSON.stringify({ checks: shown, ...countsOf(checks), exit_code: exitCodeOfChecks(checks) }, null, 2)}\n`;
}

const columns: readonly GridColumn[] = [
  { header: '', align: 'left', shrinkable: false },
  { header: 'what', align: 'left', shrinkable: true },
  { header: 'check', align: 'left', shrinkable: false },
  { header: 'found', align: 'left', shrinkable: true },
];

export interface ReportOptions {
  /** Columns of the terminal; null never cuts. */
  readonly width: number | null;
  readonly style: Style;
}

export function checksText(checks: readonly Check[], { width, style }: ReportOptions): string {
  const paints = { ok: style.green, warn: style.yellow, fail: style.red };
  const rows = checks.map(({ status, subject, check, found }) => [
    { text: status, paint: paints[status] },
    ...[subject, check, found].map((text) => ({ text: terminalSafe(text) })),
  ]);
  const grid = renderGrid(columns, rows, { width, style }) ?? renderGrid(columns, rows, { width: null, style })!;
  const details = checks.filter(({ todo }) => todo !== '').map((check) => detailText(check, paints[check.status]));
  const { ok, warn, fail } = countsOf(checks);
  return `${grid}${details.map((detail) => `\n${detail}`).join('')}\n${ok} ok, ${warn} to look at, ${fail} failed\n`;
}

/** Cut in the table, whole here. */
function detailText(
  { status, subject, check, found, todo, statement }: Check,
  paint: (text: string) => string,
): string {
  const lines = [
    `${paint(status)} ${terminalSafe(subject)}, ${check}`,
    ...terminalSafeLines(found)
      .split('\n')
      .map((line) => `  ${line}`),
    `  to do: ${terminalSafe(todo)}`,
  ];
  const policy = statement === null ? [] : JSON.stringify(statement, null, 2).split('\n');
  return `${[...lines, ...policy.map((line) => `  ${terminalSafe(line)}`)].join('\n')}\n`;
}

function countsOf(checks: readonly Check[]): Record<CheckStatus, number> {
  const count = (wanted: CheckStatus): number => checks.filter(({ status }) => status === wanted).length;
  return { ok: count('ok'), warn: count('warn'), fail: count('fail') };
}
