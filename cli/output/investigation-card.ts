/** An investigation for people at a terminal: facts, timeline, one table a section, and the SQL behind it all. */
import type { Fact } from '../../queries/investigation/facts.js';
import type { Investigation } from '../../queries/investigation/investigate.js';
import type { Section, Value } from '../../queries/investigation/sections.js';
import type { TimelineEntry } from '../../queries/investigation/timeline.js';
import { severities } from '../../config/severity.js';
import { cutToWidth, wrapToWidth } from './display-width.js';
import { terminalSafe, terminalSafeLines } from './escape.js';
import { shortIdLength, shortPrincipal, shortTime } from './finding-fields.js';
import { renderGrid, type GridCell, type GridColumn } from './grid.js';
import { formatBytes, formatCount, formatCounted, formatDuration } from './number-format.js';
import { recordLines } from './record-layout.js';
import { badgeWidth } from './style.js';
import { minTableWidth, type TableOptions } from './table.js';

/** Rows that a section shows; the rest is in its query, and in the other formats. */
const shownRows = 12;
const barWidth = 12;

interface Card extends TableOptions {
  readonly hasQueries: boolean;
}

/** The whole card, ending with a line feed. */
export function renderInvestigation(investigation: Investigation, options: Card): string {
  const card = { ...options, width: options.width === null ? null : Math.max(options.width, minTableWidth) };
  const shown = investigation.sections.filter(({ id, rows }) => id !== 'summary' && rows.length > 0);
  const parts = [
    heading(investigation, card),
    facts(investigation.facts, card),
    timeline(investigation.timeline, card),
    ...shown.map((section) => sectionLines(section, card)),
    emptySections(investigation, card),
    ...(card.hasQueries ? [queries(investigation, card)] : []),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function wrapped(text: string, { width }: Card): string[] {
  return width === null ? [text] : wrapToWidth(text, width);
}

function heading(investigation: Investigation, card: Card): string[] {
  const { subject, taken_for, finding, from, to, notes } = investigation;
  const { style } = card;
  const title = finding === null ? shortPrincipal(subject) : finding.title;
  return [
    ...(finding === null ? [] : [style.badge(finding.severity as Parameters<typeof style.badge>[0]).trimEnd()]),
    ...wrapped(terminalSafe(title), card).map(style.bold),
    ...(finding === null ? [] : wrapped(terminalSafe(withoutTitle(finding)), card)),
    ...wrapped(`taken for ${terminalSafe(taken_for)}`, card).map(style.dim),
    ...wrapped(`${shortTime(from)} to ${shortTime(to)} UTC`, card).map(style.dim),
    ...notes.flatMap((note) => wrapped(`note: ${terminalSafe(note)}`, card)).map(style.yellow),
  ];
}

/** Descriptions begin with the title, which stands above already. */
function withoutTitle({ title, description }: { readonly title: string; readonly description: string }): string {
  return description.startsWith(`${title}: `) ? description.slice(title.length + 2) : description;
}

function facts(all: readonly Fact[], { width, style }: Card): string[] {
  const values = all.map(({ label, value, unit }) => ({
    label: terminalSafe(label),
    value: { text: factText(value, unit) },
  }));
  return recordLines(values, { width, dim: style.dim });
}

function factText(value: string | number, unit: Fact['unit']): string {
  if (unit === 'bytes') return formatBytes(Number(value));
  if (unit === 'count') return formatCount(Number(value));
  return unit === 'time' ? `${shortTime(String(value))} UTC` : terminalSafe(String(value));
}

const timelineColumns: readonly GridColumn[] = [
  { header: 'when (UTC)', align: 'left', shrinkable: false },
  { header: '', align: 'left', shrinkable: false },
  { header: 'requests', align: 'right', shrinkable: false },
  { header: 'failed', align: 'right', shrinkable: false },
  { header: 'bytes out', align: 'right', shrinkable: false },
  { header: 'what', align: 'left', shrinkable: true },
];

function timeline(entries: readonly TimelineEntry[], { width, style }: Card): string[] {
  if (entries.length === 0) return [];
  const most = Math.max(...entries.map((entry) => (entry.kind === 'active' ? entry.requests : 0)));
  const rows = entries.flatMap((entry): GridCell[][] => {
    if (entry.kind === 'quiet') {
      const duration = formatDuration(Date.parse(entry.to) - Date.parse(entry.from));
      return [textRow(`  … quiet for ${duration}`, style.dim)];
    }
    const { first_at, last_at, requests, failed, bytes_out, actions, marks } = entry;
    const bar = '█'.repeat(Math.max(1, Math.round((requests / most) * barWidth)));
    const cells: GridCell[] = [
      { text: spanText(first_at, last_at) },
      { text: bar, paint: failed * 2 > requests ? style.red : style.cyan },
      { text: formatCount(requests) },
      failed === 0 ? { text: '–', paint: style.dim } : { text: formatCount(failed), paint: style.red },
      bytes_out === 0 ? { text: '–', paint: style.dim } : { text: formatBytes(bytes_out) },
      { text: terminalSafe(actions) },
    ];
    return [cells, ...foldedMarks(marks).map((mark) => markRow(mark, style))];
  });
  const grid = renderGrid(timelineColumns, rows, { width, style });
  const records = rows.map((cells) => {
    const line = cells.map(({ text }) => text).join(' ');
    return width === null ? line.trimEnd() : cutToWidth(line.trim(), width);
  });
  return [style.bold('Timeline'), ...(grid === null ? records : [grid.trimEnd()])];
}

/** The first marks of a slot; a new key in a new country is new in everything, and one line less says so. */
function foldedMarks(marks: readonly string[]): string[] {
  const most = 4;
  return marks.length <= most ? [...marks] : [...marks.slice(0, most), `and ${marks.length - most} more`];
}

function markRow(mark: string, { yellow, red }: Card['style']): GridCell[] {
  const isFinding = / finding: /.test(mark) && !mark.startsWith('new ');
  return textRow(`  ${isFinding ? '!' : '+'} ${mark}`, isFinding ? red : yellow);
}

/** A line of the timeline that is only words; it stands in the last column, which gives way when there is no room. */
function textRow(text: string, paint: GridCell['paint']): GridCell[] {
  const empty: GridCell = { text: '' };
  return [empty, empty, empty, empty, empty, { text: terminalSafe(text), ...(paint === undefined ? {} : { paint }) }];
}

/** `2026-11-07 03:10 to 16:09`, with seconds within an hour. */
function spanText(first: string, last: string): string {
  const [from, to] = [shortTime(first), shortTime(last)];
  if (from === to) return from;
  const isShort = Date.parse(last) - Date.parse(first) < 3_600_000;
  if (from.slice(0, 10) !== to.slice(0, 10)) return `${from.slice(0, 10)} to ${to.slice(0, 10)}`;
  return isShort ? `${from} to ${to.slice(11)}` : `${from.slice(0, 16)} to ${to.slice(11, 16)}`;
}

const numeric = /^(?:requests|failed|addresses|keys|events|succeeded_later|status|bytes_\w+)$/;

function sectionLines({ title, rows }: Section, { width, style }: Card): string[] {
  const names = Object.keys(rows[0]!).filter((name) => rows.some((row) => row[name] !== null));
  const columns = names.map((name): GridColumn => {
    const isNumber = numeric.test(name);
    return {
      header: name.replaceAll('_', ' ').replace(/ at$/, ''),
      align: isNumber ? 'right' : 'left',
      shrinkable: !isNumber && !name.endsWith('_at') && name !== 'severity' && name !== 'id' && name !== 'event_time',
    };
  });
  const cells = rows.slice(0, shownRows).map((row) => names.map((name) => cell(name, row[name] ?? null, style)));
  const grid = renderGrid(columns, cells, { width, style });
  const records = cells.flatMap((row) => [
    style.dim(cutToWidth('─'.repeat(40), width ?? 40)),
    ...recordLines(
      row.map((value, index) => ({ label: columns[index]!.header, value })),
      { width, dim: style.dim },
    ),
  ]);
  const more = rows.length > shownRows ? [style.dim(`… ${formatCounted(rows.length - shownRows, 'more row')}`)] : [];
  return [style.bold(title), ...(grid === null ? records : [grid.trimEnd()]), ...more];
}

function cell(name: string, value: Value, style: Card['style']): GridCell {
  if (value === null) return { text: '–', paint: style.dim };
  if (name.startsWith('bytes_')) return { text: formatBytes(Number(value)) };
  if (name.endsWith('_at') || name === 'event_time') return { text: terminalSafe(shortTime(String(value))) };
  const severity = severities.find((each) => name === 'severity' && each === value);
  if (severity !== undefined)
    return { text: severity.toUpperCase().padEnd(badgeWidth), paint: () => style.badge(severity) };
  if (name === 'id') return { text: terminalSafe(String(value).slice(0, shortIdLength)) };
  if (typeof value === 'number') return { text: name === 'status' ? String(value) : formatCount(value) };
  return {
    text: terminalSafe(name === 'principal' || name === 'session' ? shortPrincipal(String(value)) : String(value)),
  };
}

function emptySections({ sections }: Investigation, { style }: Card): string[] {
  const titles = sections.filter(({ rows }) => rows.length === 0).map(({ title }) => title);
  return titles.length === 0 ? [] : [style.dim(`nothing under: ${titles.join(', ')}`)];
}

/** Not wrapped: a broken line would not be the same SQL when it is copied. */
function queries({ sections, timeline_query }: Investigation, { style }: Card): string[] {
  const all = [...sections.map(({ title, query }) => [title, query] as const), ['Timeline', timeline_query] as const];
  return [
    style.bold('Queries: each runs as it is with bucketwatch query'),
    ...all.flatMap(([title, query]) => ['', `-- ${title}`, ...terminalSafeLines(query).split('\n')]),
  ];
}
