/** One finding with everything that is known about it: what `findings show ID` prints for people. */
import { wrapToWidth } from './display-width.js';
import { terminalSafe, terminalSafeLines } from './escape.js';
import { shortTime, type FindingBaseline, type FindingEvidence, type FindingFields } from './finding-fields.js';
import { renderGrid, type GridCell, type GridColumn } from './grid.js';
import { formatCount } from './number-format.js';
import { recordLines, type LabelledValue } from './record-layout.js';
import { minTableWidth, type TableOptions } from './table.js';

interface Card {
  readonly finding: FindingFields;
  readonly width: number | null;
  readonly style: TableOptions['style'];
}

/**
 * The whole card, ending with a line feed. Values are never cut but in the evidence table; the query is printed to be
 * copied.
 */
export function renderFindingCard(finding: FindingFields, { width, style }: TableOptions): string {
  const card: Card = { finding, style, width: width === null ? null : Math.max(width, minTableWidth) };
  const sections = [heading(card), facts(card), baseline(card), evidence(card), nextSteps(card), query(card)];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function wrapped(text: string, width: number | null): string[] {
  return width === null ? [text] : wrapToWidth(text, width);
}

function heading({ finding, width, style }: Card): string[] {
  const title = wrapped(terminalSafe(finding.title), width).map(style.bold);
  const description = terminalSafeLines(finding.description)
    .split('\n')
    .flatMap((line) => wrapped(line, width));
  return [style.badge(finding.severity).trimEnd(), ...title, ...description];
}

function facts({ finding, width, style }: Card): string[] {
  const span = `${shortTime(finding.first_event_at)} to ${shortTime(finding.last_event_at)} UTC`;
  const values: readonly (readonly [string, string | null])[] = [
    ['who', finding.principal],
    ['from', finding.source_ip],
    ['user agent', finding.user_agent],
    ['bucket', finding.bucket],
    ['key', finding.key],
    ['account', finding.account_id],
    ['region', finding.region],
    ['events', `${formatCount(finding.event_count)}, ${span}`],
    ['state', finding.state],
    ['detector', `${finding.detector} ${finding.detector_version}`],
    ['ATT&CK', finding.mitre.length > 0 ? finding.mitre.join(', ') : null],
    ['created', `${shortTime(finding.created_at)} UTC`],
    ['updated', `${shortTime(finding.updated_at)} UTC`],
    ['run', finding.run_id],
    ['id', finding.id],
    ['dedupe key', finding.dedupe_key],
  ];
  return recordLines(labelled(values), { width, dim: style.dim });
}

function labelled(values: readonly (readonly [string, string | null])[]): LabelledValue[] {
  return values.flatMap(([label, text]) => (text === null ? [] : [{ label, value: { text: terminalSafe(text) } }]));
}

function baseline({ finding, width, style }: Card): string[] {
  if (finding.baseline === null) return [];
  const { expected, observed, history_days, factors }: FindingBaseline = finding.baseline;
  const values = [
    ['expected', expected === null ? null : String(expected)],
    ['observed', observed === null ? null : String(observed)],
    ['history', history_days === null ? null : `${history_days} days`],
    ...factors.map((factor, index) => [index === 0 ? 'because' : '', factor] as const),
  ] as const;
  return [style.bold('What is usual'), ...recordLines(labelled(values), { width, dim: style.dim })];
}

const evidenceColumns: readonly GridColumn[] = [
  { header: 'time (UTC)', align: 'left', shrinkable: false },
  { header: 'action', align: 'left', shrinkable: true },
  { header: 'key', align: 'left', shrinkable: true },
  { header: 'status', align: 'left', shrinkable: false },
  { header: 'request id', align: 'left', shrinkable: true },
  { header: 'log', align: 'left', shrinkable: true },
];

function evidence({ finding, width, style }: Card): string[] {
  if (finding.evidence.length === 0) return [];
  const rows = finding.evidence.map(evidenceCells);
  const title = style.bold('Evidence');
  const grid = renderGrid(evidenceColumns, rows, { width, style });
  if (grid !== null) return [title, grid.trimEnd()];
  const records = rows.map((cells) => cells.map((value, index) => ({ label: evidenceColumns[index]!.header, value })));
  return [title, ...records.flatMap((record) => ['', ...recordLines(record, { width, dim: style.dim })])];
}

function evidenceCells({
  event_time,
  action,
  key,
  status,
  request_id,
  log_uri,
  log_line,
}: FindingEvidence): GridCell[] {
  const log = log_uri === null ? null : `${log_uri}${log_line === null ? '' : `:${log_line}`}`;
  const texts = [shortTime(event_time), action, key, status === null ? null : String(status), request_id, log];
  return texts.map((text) => ({ text: text === null ? '–' : terminalSafe(text) }));
}

function nextSteps({ finding, width, style }: Card): string[] {
  if (finding.next_steps.length === 0) return [];
  const steps = finding.next_steps.flatMap((step, index) => {
    const number = `${index + 1}. `;
    const lines = wrapped(terminalSafe(step), width === null ? null : width - number.length);
    return lines.map((line, part) => (part === 0 ? number : ' '.repeat(number.length)) + line);
  });
  return [style.bold('Next steps'), ...steps];
}

/** Not wrapped: a broken line would not be the same SQL when it is copied. */
function query({ finding, style }: Card): string[] {
  if (finding.query === null) return [];
  return [style.bold('Query'), terminalSafeLines(finding.query.trim())];
}
