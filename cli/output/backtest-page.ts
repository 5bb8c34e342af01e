/** A backtest for people: findings a day, what is noisy, and suppressions to paste. */
import { severities, type Severity } from '../../config/severity.js';
import { entityText, type BacktestSummary, type DetectorNoise } from '../backtest/summarise.js';
import { terminalSafe, terminalSafeLines } from './escape.js';
import { renderGrid, type GridColumn } from './grid.js';
import { formatCount, formatCounted } from './number-format.js';
import type { RowSet } from './rows.js';
import { minTableWidth, type TableOptions } from './table.js';

/** Entities that are shown; the rest is in `--format json`. */
const maxEntities = 15;

export function backtestPage(summary: BacktestSummary, suppressions: string, { width, style }: TableOptions): string {
  const page: Page = { style, width: width === null ? null : Math.max(width, minTableWidth) };
  const sections = [
    heading(summary, page),
    days(summary, page),
    detectors(summary, page),
    entities(summary, page),
    suppressions === ''
      ? []
      : [style.bold('Suppressions to paste, after a look'), ...terminalSafeLines(suppressions).trimEnd().split('\n')],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

interface Page {
  readonly width: number | null;
  readonly style: TableOptions['style'];
}

type Counts = Readonly<Partial<Record<Severity, number>>>;

function heading({ period, findings, suppressed, quiet, complete }: BacktestSummary, { style }: Page): string[] {
  const perDay = (findings / Math.max(period.days, 1)).toFixed(1);
  return [
    style.bold(`${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}, ${formatCounted(period.days, 'day')}`),
    `${formatCounted(findings, 'finding')}, ${perDay} a day; ${formatCount(suppressed)} more suppressed or dry; ${formatCounted(quiet, 'detector')} quiet. Nothing was recorded or sent.`,
    ...(complete ? [] : [style.yellow('Interrupted: only a part of the period was looked at.')]),
  ];
}

const text = (header: string): GridColumn => ({ header, align: 'left', shrinkable: true });
const fixed = (header: string): GridColumn => ({ header, align: 'left', shrinkable: false });
const count = (header: string): GridColumn => ({ header, align: 'right', shrinkable: false });

function days({ by_day: all }: BacktestSummary, page: Page): string[] {
  const columns = [fixed('day'), ...severities.map((severity) => count(severity))];
  return grid(
    columns,
    all.map(({ day, findings }) => [day, ...counts(findings)]),
    page,
  );
}

function counts(findings: Counts): string[] {
  return severities.map((severity) => (findings[severity] === undefined ? '·' : formatCount(findings[severity])));
}

function detectors({ detectors: all }: BacktestSummary, page: Page): string[] {
  if (all.length === 0) return [];
  const columns = [
    text('detector'),
    count('findings'),
    count('a day'),
    ...severities.map((severity) => count(severity)),
    count('suppressed'),
  ];
  const rows = all.map((one) => [
    `${one.detector}${remark(one)}`,
    formatCount(one.findings),
    one.per_day.toFixed(1),
    ...counts(one.by_severity),
    formatCount(one.suppressed),
  ]);
  return grid(columns, rows, page);
}

function remark({ problem, is_storm: isStorm }: DetectorNoise): string {
  if (problem !== null) return ' (failed)';
  return isStorm ? ' (storm)' : '';
}

/** Of all detectors the entities with the most findings; what came up once is no noise. */
function entities({ detectors: all }: BacktestSummary, page: Page): string[] {
  const columns = [text('noisiest'), text('detector'), count('findings'), count('days'), fixed('worst')];
  const repeated = all
    .flatMap(({ detector, entities: own }) => own.map((entity) => ({ detector, entity })))
    .filter(({ entity }) => entity.findings > 1)
    .sort((a, b) => b.entity.findings - a.entity.findings);
  const rows = repeated
    .slice(0, maxEntities)
    .map(({ detector, entity }) => [
      entityText(entity),
      detector,
      formatCount(entity.findings),
      formatCount(entity.days),
      entity.worst,
    ]);
  const more = repeated.length - rows.length;
  return rows.length === 0
    ? []
    : [
        ...grid(columns, rows, page),
        ...(more > 0 ? [page.style.dim(`${formatCounted(more, 'more row')}: --format json has all`)] : []),
      ];
}

/** Where not even the narrowest columns fit, one value follows the other. */
function grid(columns: readonly GridColumn[], rows: readonly (readonly string[])[], { width, style }: Page): string[] {
  const cells = rows.map((row) => row.map((value) => ({ text: terminalSafe(value) })));
  const drawn = renderGrid(columns, cells, { width, style });
  return drawn === null ? cells.map((row) => row.map((cell) => cell.text).join('  ')) : drawn.trimEnd().split('\n');
}

/** One row a detector and entity, for programs. */
export function backtestRows({ detectors: all }: BacktestSummary): RowSet {
  return {
    columns: [
      { name: 'detector', type: 'text' },
      { name: 'principal', type: 'text' },
      { name: 'bucket', type: 'text' },
      { name: 'findings', type: 'integer' },
      { name: 'days', type: 'integer' },
      { name: 'worst', type: 'text' },
      { name: 'events', type: 'integer' },
    ],
    rows: all.flatMap(({ detector, entities: own }) =>
      own.map((entity) => [
        detector,
        entity.principal,
        entity.bucket,
        entity.findings,
        entity.days,
        entity.worst,
        entity.events,
      ]),
    ),
  };
}
