/** Policies for people: what each principal used, since when, where, and what the logs do not show. */
import type { LeastPrivilege, PrincipalPolicy } from '../../queries/least-privilege/least-privilege.js';
import { wrapToWidth } from './display-width.js';
import { terminalSafe } from './escape.js';
import { renderGrid, type GridColumn } from './grid.js';
import { jsonLines } from './json-lines.js';
import { formatCount, formatCounted } from './number-format.js';
import type { RowSet } from './rows.js';
import { minTableWidth, type TableOptions } from './table.js';

/** Principals that are shown; the rest is in `--format json`. */
const maxPrincipals = 10;

export function leastPrivilegePage(result: LeastPrivilege, { width, style }: TableOptions): string {
  const page: Page = { style, width: width === null ? null : Math.max(width, minTableWidth) };
  const shown = result.policies.slice(0, maxPrincipals);
  const more = result.policies.length - shown.length;
  const sections = [
    heading(result, page),
    ...shown.map((policy) => principalSection(policy, page)),
    more > 0 ? [style.dim(`${formatCounted(more, 'more principal')}: --format json has all`)] : [],
    document(result, page),
    leftOut(result, page),
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

function heading({ bucket, period }: LeastPrivilege, { style }: Page): string[] {
  const when = `${shortTime(period.from ?? '')} to ${shortTime(period.to ?? '')} UTC, evidence of ${formatCounted(period.days, 'day')}`;
  return [style.bold(`Used on ${terminalSafe(bucket)}`), when];
}

const text = (header: string): GridColumn => ({ header, align: 'left', shrinkable: true });
const fixed = (header: string): GridColumn => ({ header, align: 'left', shrinkable: false });
const count = (header: string): GridColumn => ({ header, align: 'right', shrinkable: false });
const columns = [fixed('action'), count('requests'), count('days'), fixed('last seen'), text('where')];

function principalSection(one: PrincipalPolicy, { style, width }: Page): string[] {
  const facts = `${formatCounted(one.requests, 'request')} on ${formatCounted(one.days, 'day')}, policy of ${formatCount(one.characters)} characters`;
  const rows = one.evidence.map(({ action, requests, days, last_seen }) =>
    [action, formatCount(requests), formatCount(days), shortTime(last_seen), placesOf(one, action).join(', ')].map(
      (value) => ({ text: terminalSafe(value) }),
    ),
  );
  const grid = renderGrid(columns, rows, { width, style });
  const lines = grid?.trimEnd().split('\n') ?? rows.map((row) => row.map((cell) => cell.text).join('  '));
  const remarks = one.not_shown.flatMap((remark) => wrapped(`- ${terminalSafe(remark)}`, width));
  return [style.bold(terminalSafe(one.principal)), style.dim(facts), ...lines, ...remarks];
}

/** Keys and prefixes that the policy allows an action for, without what all of them share. */
export function placesOf({ policy }: PrincipalPolicy, action: string): string[] {
  return policy.Statement.filter((statement) => statement.Action.includes(action)).flatMap(
    ({ Resource, Condition }) => {
      const prefixes = Condition?.['StringLike']?.['s3:prefix'];
      if (prefixes !== undefined) return [prefixes].flat();
      return [Resource].flat().map((arn) => arn.replace(/^arn:[a-z-]+:s3:::[^/]*\/?/, '') || 'the bucket');
    },
  );
}

function document({ policies }: LeastPrivilege, { style }: Page): string[] {
  const [only, ...others] = policies;
  if (only === undefined) return [];
  if (others.length > 0)
    return [style.dim('Name one with --principal to see its policy here; --format json has them all.')];
  return [style.bold('Policy'), ...jsonLines(only.policy)];
}

function leftOut({ left_out }: LeastPrivilege, { style, width }: Page): string[] {
  if (left_out.length === 0) return [];
  const lines = left_out.flatMap(({ principal, requests, why }) =>
    wrapped(`- ${terminalSafe(principal)} (${formatCounted(requests, 'request')}): ${why}`, width),
  );
  return [style.bold('Without a policy'), ...lines];
}

function wrapped(line: string, width: number | null): string[] {
  return width === null ? [line] : wrapToWidth(line, width);
}

function shortTime(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** One row a principal and action, for programs. */
export function leastPrivilegeRows({ bucket, policies }: LeastPrivilege): RowSet {
  return {
    columns: [
      { name: 'bucket', type: 'text' },
      { name: 'principal', type: 'text' },
      { name: 'action', type: 'text' },
      { name: 'places', type: 'json' },
      { name: 'requests', type: 'integer' },
      { name: 'days', type: 'integer' },
      { name: 'first_seen', type: 'timestamp' },
      { name: 'last_seen', type: 'timestamp' },
      { name: 'sample', type: 'text' },
    ],
    rows: policies.flatMap((one) =>
      one.evidence.map(({ action, requests, days, first_seen, last_seen, sample }) => [
        bucket,
        one.principal,
        action,
        JSON.stringify(placesOf(one, action)),
        requests,
        days,
        first_seen,
        last_seen,
        sample,
      ]),
    ),
  };
}
