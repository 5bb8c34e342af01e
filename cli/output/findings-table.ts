/** The list of findings for people: one line a finding, in the order given. */
import { cutToWidth } from './display-width.js';
import { terminalSafe } from './escape.js';
import { shortIdLength, shortPrincipal, shortTime, type FindingSummary } from './finding-fields.js';
import { renderGrid, type GridCell, type GridColumn } from './grid.js';
import { formatCount, formatCounted } from './number-format.js';
import { recordLines } from './record-layout.js';
import { badgeWidth, type Style } from './style.js';
import { minTableWidth, type TableOptions } from './table.js';

const columns: readonly GridColumn[] = [
  { header: 'severity', align: 'left', shrinkable: false },
  { header: 'title', align: 'left', shrinkable: true },
  { header: 'who', align: 'left', shrinkable: true },
  { header: 'bucket', align: 'left', shrinkable: true },
  { header: 'last seen (UTC)', align: 'left', shrinkable: false },
  { header: 'count', align: 'right', shrinkable: false },
  { header: 'id', align: 'left', shrinkable: false },
];

/** The list and a line with the number of findings; one block a finding when the terminal is too narrow for columns. */
export function renderFindings(findings: readonly FindingSummary[], { width, style }: TableOptions): string {
  const footer = style.dim(formatCounted(findings.length, 'finding'));
  if (findings.length === 0) return `${footer}\n`;
  const limit = width === null ? null : Math.max(width, minTableWidth);
  const rows = findings.map((finding) => findingCells(finding, style));
  const grid = renderGrid(columns, rows, { width: limit, style });
  return `${grid ?? renderBlocks(rows, limit, style)}${footer}\n`;
}

function findingCells(finding: FindingSummary, style: Style): GridCell[] {
  const { severity, state } = finding;
  const who = finding.principal === null ? finding.source_ip : shortPrincipal(finding.principal);
  const isSettled = state === 'closed' || state === 'suppressed' || state === 'acknowledged';
  const title = `${terminalSafe(finding.title)}${isSettled ? ` (${state})` : ''}`;
  return [
    { text: severity.toUpperCase().padEnd(badgeWidth), paint: () => style.badge(severity) },
    isSettled ? { text: title, paint: style.dim } : { text: title },
    optionalCell(who, style),
    optionalCell(finding.bucket, style),
    { text: terminalSafe(shortTime(finding.last_event_at)) },
    { text: formatCount(finding.event_count) },
    { text: terminalSafe(finding.id.slice(0, shortIdLength)) },
  ];
}

function optionalCell(text: string | null, { dim }: Style): GridCell {
  return text === null ? { text: '–', paint: dim } : { text: terminalSafe(text) };
}

function renderBlocks(rows: readonly GridCell[][], width: number | null, style: Style): string {
  const rule = style.dim(cutToWidth('─'.repeat(40), width ?? 40));
  const block = (cells: readonly GridCell[]): string[] => {
    const values = cells.map((value, index) => ({ label: columns[index]!.header, value }));
    return [rule, ...recordLines(values, { width, dim: style.dim })];
  };
  return `${rows.flatMap(block).join('\n')}\n`;
}
