/** A preview for people: what would break, who and why, what the logs do not decide, and the change with its way back. */
import type { BucketPreview, Preview, Row as PreviewRow } from '../../queries/preview/frame.js';
import { wrapToWidth } from './display-width.js';
import { terminalSafe } from './escape.js';
import { renderGrid, type GridCell, type GridColumn } from './grid.js';
import { jsonLines } from './json-lines.js';
import { formatBytes, formatCount, formatCounted } from './number-format.js';
import type { RowSet } from './rows.js';
import { minTableWidth, type TableOptions } from './table.js';

/** Buckets that are shown one by one, and rows of each: the rest is in `--format json`. */
const maxBuckets = 5;
const maxRows = 10;
const maxListed = 25;

export function previewPage(preview: Preview, { width, style }: TableOptions): string {
  const page: Page = { style, width: width === null ? null : Math.max(width, minTableWidth) };
  const shown = preview.buckets.slice(0, maxBuckets);
  const sections = [
    heading(preview, page),
    buckets(preview, page),
    ...shown.flatMap((bucket) => [wouldBreak(bucket, page), notJudged(bucket, page)]),
    change(preview, page),
    list('Before you apply it', preview.limits, page),
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

function heading({ control, refuses, parameters, period }: Preview, { style, width }: Page): string[] {
  const given = Object.entries(parameters)
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(', ') : String(value)}`);
  const when =
    period.from === null
      ? 'no requests'
      : `${period.from.slice(0, 16)} to ${(period.to ?? '').slice(0, 16)} UTC, ${formatCounted(period.days, 'day')}`;
  return [style.bold(control), ...wrapped([refuses, ...given].join(' · '), width), when];
}

const text = (header: string): GridColumn => ({ header, align: 'left', shrinkable: true });
const count = (header: string): GridColumn => ({ header, align: 'right', shrinkable: false });
const fixed = (header: string): GridColumn => ({ header, align: 'left', shrinkable: false });

const bucketColumns: readonly GridColumn[] = [
  text('bucket'),
  count('would break'),
  count('principals'),
  count('bytes'),
  fixed('last seen'),
  count('not judged'),
  count('passes'),
  count('exempt'),
  count('failed before'),
  count('days seen'),
];

function buckets({ buckets: all, period }: Preview, page: Page): string[] {
  if (all.length === 0) return ['No request of the period can be judged.'];
  const rows = all
    .slice(0, maxListed)
    .map((one) =>
      cells([
        one.bucket,
        formatCount(one.breaks.requests),
        formatCount(one.breaks.principals),
        formatBytes(one.breaks.bytes),
        one.breaks.last_seen === null ? '–' : shortTime(one.breaks.last_seen),
        formatCount(one.unclear.requests),
        formatCount(one.passes.requests),
        formatCount(one.exempt.requests),
        formatCount(one.failed_already.requests),
        `${one.coverage.days} of ${period.days}`,
      ]),
    );
  const more = all.length - rows.length;
  const unseen = all.filter(({ coverage }) => !coverage.sees_objects).map(({ bucket }) => bucket);
  return [
    ...grid(bucketColumns, rows, page),
    ...(unseen.length === 0
      ? []
      : wrapped(
          `Neither access log nor data events of ${terminalSafe(unseen.join(', '))}: requests for its objects are not seen, so nothing is known of what would break there.`,
          page.width,
        ).map((line) => page.style.yellow(line))),
    ...(more > 0 ? [page.style.dim(`${formatCounted(more, 'more bucket')}: --format json has all`)] : []),
  ];
}

const whoColumns: readonly GridColumn[] = [
  count('requests'),
  count('bytes'),
  fixed('last seen'),
  text('principal'),
  text('actions'),
  fixed('reason'),
  text('newest row'),
];

function wouldBreak({ bucket, breaks, would_break: rows }: BucketPreview, page: Page): string[] {
  if (rows.length === 0) return [];
  const title = `Would break in ${terminalSafe(bucket)}: ${formatCounted(breaks.requests, 'request')} of ${formatCounted(breaks.principals, 'principal')}`;
  const shown = rows
    .slice(0, maxRows)
    .map((row) =>
      cells([
        formatCount(row.requests),
        formatBytes(row.bytes),
        shortTime(row.last_seen),
        row.principal,
        row.actions.join(', '),
        row.reason,
        row.samples[0] ?? '–',
      ]),
    );
  const more = rows.length - shown.length;
  return [
    page.style.bold(title),
    ...grid(whoColumns, shown, page),
    ...(more > 0 ? [page.style.dim(`${formatCounted(more, 'more row')}: --format json has all`)] : []),
    ...reasons(rows, page),
  ];
}

function notJudged({ bucket, unclear, not_judged: rows, coverage }: BucketPreview, page: Page): string[] {
  if (rows.length === 0) return [];
  const title = `The logs do not decide in ${terminalSafe(bucket)}: ${formatCounted(unclear.requests, 'request')}`;
  const seen = `${formatCount(coverage.requests_from_access_log)} requests from the access log (${formatCounted(coverage.access_log_days, 'day')}), ${formatCount(coverage.requests_from_cloudtrail)} from CloudTrail (${formatCounted(coverage.cloudtrail_days, 'day')})`;
  return [page.style.bold(title), page.style.dim(seen), ...reasons(rows, page)];
}

/** Each reason once, with its requests. */
function reasons(rows: readonly PreviewRow[], { width }: Page): string[] {
  const requests = new Map<string, { why: string; requests: number }>();
  for (const { reason, why, requests: n } of rows) {
    requests.set(reason, { why, requests: (requests.get(reason)?.requests ?? 0) + n });
  }
  return [...requests].flatMap(([reason, { why, requests: n }]) =>
    wrapped(`  ${reason} (${formatCount(n)}): ${why}`, width),
  );
}

function change({ buckets: all }: Preview, page: Page): string[] {
  const [first] = all;
  if (first === undefined) return [];
  const { kind, document, apply, undo } = first.change;
  const others = all.length > 1 ? `, as for each of the others (--format json)` : '';
  return [
    page.style.bold(`To apply it to ${terminalSafe(first.bucket)}${others}: ${kind}`),
    ...jsonLines(document),
    ...apply.map((line) => `  ${terminalSafe(line)}`),
    page.style.bold('To take it back'),
    ...undo.map((line) => `  ${terminalSafe(line)}`),
  ];
}

function list(title: string, lines: readonly string[], { style, width }: Page): string[] {
  return [style.bold(title), ...lines.flatMap((line) => wrapped(`- ${line}`, width))];
}

/** Where not even the narrowest columns fit, one value follows the other. */
function grid(
  columns: readonly GridColumn[],
  rows: readonly (readonly GridCell[])[],
  { width, style }: Page,
): string[] {
  const drawn = renderGrid(columns, rows, { width, style });
  if (drawn === null) return rows.map((row) => row.map(({ text: shown }) => shown).join('  '));
  return drawn.trimEnd().split('\n');
}

function cells(texts: readonly string[]): GridCell[] {
  return texts.map((value) => ({ text: terminalSafe(value) }));
}

function wrapped(line: string, width: number | null): string[] {
  return width === null ? [line] : wrapToWidth(line, width);
}

function shortTime(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** What breaks and what is not judged, as rows for programs. */
export function previewRows({ control, buckets: all }: Preview): RowSet {
  const names = ['control', 'bucket', 'verdict', 'principal', 'reason', 'why', 'actions', 'samples'] as const;
  return {
    columns: [
      ...names.map((name) => ({ name, type: name === 'actions' || name === 'samples' ? 'json' : 'text' }) as const),
      { name: 'requests', type: 'integer' },
      { name: 'bytes', type: 'integer' },
      { name: 'first_seen', type: 'timestamp' },
      { name: 'last_seen', type: 'timestamp' },
    ],
    rows: all.flatMap(({ bucket, would_break: breaks, not_judged: unclear }) =>
      [
        ['breaks', breaks],
        ['unclear', unclear],
      ].flatMap(([verdict, rows]) =>
        (rows as readonly PreviewRow[]).map((row) => [
          control,
          bucket,
          verdict as string,
          row.principal,
          row.reason,
          row.why,
          JSON.stringify(row.actions),
          JSON.stringify(row.samples),
          row.requests,
          row.bytes,
          row.first_seen,
          row.last_seen,
        ]),
      ),
    ),
  };
}
