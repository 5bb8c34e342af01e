/** From a name to an answer: what it is, what it did and when, what is new about it, and the SQL behind each part. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../../config/app-error.js';
import type { Config } from '../../config/load.js';
import { queryRows } from '../../store/duckdb.js';
import { factsOf, type Fact } from './facts.js';
import { narrowEvents, widenToNeighbours, type NarrowedEvents, type Period } from './narrow.js';
import { resolveSubject, type FindingFacts, type ResolvedSubject } from './resolve.js';
import { askSection, questionsOf, type Section, type SectionParameters, type SectionRow } from './sections.js';
import { kindNames, type Subject, type SubjectKind } from './subject.js';
import { foldTimeline, stepSeconds, type TimelineEntry } from './timeline.js';

/** Everything that is printed of an investigation. Times are ISO 8601 UTC. */
export interface Investigation {
  readonly subject: string;
  readonly kind: SubjectKind;
  /** What X was taken for, and how to have it otherwise. */
  readonly taken_for: string;
  readonly finding: FindingFacts | null;
  /** The period of the events below; `to` is not included. */
  readonly from: string;
  readonly to: string;
  /** What the reader must know to judge the answer, such as that there was too much to fetch. */
  readonly notes: readonly string[];
  readonly facts: readonly Fact[];
  readonly timeline: readonly TimelineEntry[];
  readonly timeline_query: string;
  readonly sections: readonly Section[];
}

export interface InvestigateOptions {
  readonly kind?: SubjectKind | undefined;
  readonly period: Period;
  readonly config: Pick<Config, 'dataDir' | 'accounts' | 'networks' | 'learning'> & BucketLists;
  /** Rows of files that are read at most; Infinity for all, however long that takes. */
  readonly limit?: number;
}

/** Lists of the config that buckets may stand on. */
export type BucketLists = Partial<
  Pick<
    Config,
    'logBuckets' | 'publicBuckets' | 'cloudfrontOnly' | 'tlsOnly' | 'vpcEndpointRequired' | 'sensitive' | 'canaries'
  >
>;

const dayMs = 86_400_000;

/**
 * Throws `name-unknown` when neither log nor any finding knows it. The connection is a reader's and is used up: its
 * views answer for the subject alone afterwards.
 */
export async function investigate(
  connection: DuckDBConnection,
  text: string,
  { kind, period: asked, config, limit }: InvestigateOptions,
): Promise<Investigation> {
  const resolved = await resolveSubject(connection, text, kind);
  const period = resolved.finding === null ? asked : periodAround(resolved.finding, asked);
  const coverage = await coverageOf(connection);
  const found = await narrowEvents(connection, resolved.matched, {
    period,
    dataDir: config.dataDir,
    ...(limit === undefined ? {} : { limit }),
  });
  const bounds = await boundsOf(connection, found, period);
  const summary = await askSection(connection, { id: 'summary', title: 'Summary' }, resolved.matched, bounds);
  const first = summary.rows[0]!;
  const spanMs = Date.parse(String(first['last_at'])) - Date.parse(String(first['first_at']));
  const around = await widenToNeighbours(connection, {
    fromMs: bounds.fromMs,
    toMs: bounds.toMs,
    dataDir: config.dataDir,
    ...(limit === undefined ? {} : { limit }),
  });
  const parameters = {
    ...bounds,
    relatedFromMs: around.fromMs,
    relatedToMs: around.toMs,
    stepSeconds: stepSeconds(Number.isNaN(spanMs) ? 0 : spanMs),
    baselineDays: config.learning.days,
  };
  const sections: Section[] = [];
  for (const question of questionsOf(resolved.matched, found))
    sections.push(await askSection(connection, question, resolved.matched, parameters));
  const rowsOf = (id: string): readonly SectionRow[] => sections.find((section) => section.id === id)?.rows ?? [];
  if (found.rows === 0 && rowsOf('findings').length === 0) throw unknownSubject(text, resolved, coverage);
  const timeline = await askSection(connection, { id: 'timeline', title: 'Timeline' }, resolved.matched, parameters);
  const marks = [...rowsOf('findings').map(findingMark), ...rowsOf('news').filter(isMarked).map(newsMark)];
  return {
    subject: shownSubject(resolved),
    kind: resolved.given.kind,
    taken_for: takenFor(text, resolved),
    finding: resolved.finding,
    from: new Date(parameters.fromMs).toISOString(),
    to: new Date(parameters.toMs).toISOString(),
    notes: notesOf({ found, period, summary: first, baselineDays: parameters.baselineDays, parameters }),
    facts: factsOf({ resolved, summary: first, found, config, principals: rowsOf('principals') }),
    timeline: foldTimeline(timeline.rows, parameters.stepSeconds * 1000, marks),
    timeline_query: timeline.query,
    sections: [{ ...summary, title: 'Summary' }, ...sections],
  };
}

/** A day before the first and after the last event of a finding, unless another period is asked for. */
function periodAround(finding: FindingFacts, asked: Period): Period {
  return {
    fromMs: asked.fromMs ?? finding.first_event_at.getTime() - dayMs,
    toMs: asked.toMs ?? finding.last_event_at.getTime() + dayMs,
  };
}

/** The period with its ends where there are events: open ends become whole hours around what was found. */
async function boundsOf(
  connection: DuckDBConnection,
  found: NarrowedEvents,
  { fromMs, toMs }: Period,
): Promise<SectionParameters> {
  const [row] = await queryRows<{ first: Date | null; last: Date | null }>(
    connection,
    'select min(event_time) as first, max(event_time) as last from subject_history',
  );
  const hourMs = 3_600_000;
  const firstMs = Math.floor((row?.first?.getTime() ?? found.historyFromMs) / hourMs) * hourMs;
  const lastMs = (Math.floor((row?.last?.getTime() ?? firstMs) / hourMs) + 1) * hourMs;
  return {
    fromMs: Math.max(fromMs ?? firstMs, found.isCut ? found.historyFromMs : (fromMs ?? firstMs)),
    toMs: toMs ?? Math.max(lastMs, (fromMs ?? 0) + hourMs),
    historyFromMs: found.isCut ? found.historyFromMs : firstMs,
    relatedFromMs: 0,
    relatedToMs: 0,
    stepSeconds: 3600,
    baselineDays: 0,
  };
}

interface Coverage {
  readonly rows: number;
  readonly findings: number;
  readonly first: string | null;
  readonly last: string | null;
}

async function coverageOf(connection: DuckDBConnection): Promise<Coverage> {
  const [row] = await queryRows<{ rows: bigint; findings: bigint; first: string | null; last: string | null }>(
    connection,
    `select coalesce(sum("rows"), 0)::bigint as rows, (select count(*) from findings) as findings,
       strftime(min(min_event_time), '%Y-%m-%d') as first, strftime(max(max_event_time), '%Y-%m-%d') as last
     from lake_files
     where table_name in ('access_log', 'cloudtrail')`,
  );
  return { ...row!, rows: Number(row!.rows), findings: Number(row!.findings) };
}

function unknownSubject(text: string, resolved: ResolvedSubject, { rows, findings, first, last }: Coverage): AppError {
  const { given } = resolved;
  const days = first === null ? 'there are no logs yet' : `the logs are of ${first} to ${last}`;
  return new AppError(
    'name-unknown',
    `${text}: taken for ${kindNames[given.kind]}, and not among the ${rows} rows of s3_access_log and cloudtrail nor the ${findings} findings; ${days}; to have it read as something else add --as`,
    { facts: { subject: text, kind: given.kind, first, last } },
  );
}

function shownSubject({ given, matched, finding }: ResolvedSubject): string {
  if (finding !== null) return finding.id;
  if (given.kind === 'object') return `s3://${given.value}/${given.key ?? ''}`;
  return given.kind === 'principal' && matched.values.length === 1 ? matched.values[0]! : given.value;
}

function takenFor(text: string, { given, matched, finding, others }: ResolvedSubject): string {
  const what = kindNames[given.kind];
  const names =
    given.kind === 'principal' && matched.values.length > 1 ? `, known as ${matched.values.join(' and ')}` : '';
  const followed =
    finding === null
      ? ''
      : `; its events are those of ${kindNames[matched.kind === 'addresses' ? 'ip' : matched.kind]}, ${matched.key === null ? matched.values.join(', ') : `s3://${matched.values[0]!}/${matched.key}`}`;
  const other = others.map((subject: Subject) => `${kindNames[subject.kind]} (--as ${subject.kind})`);
  const hint = other.length === 0 ? '' : `; ${text} could also be ${other.join(' or ')}`;
  return `${what}${names}${followed}${hint}`;
}

interface NoteFacts {
  readonly found: NarrowedEvents;
  readonly period: Period;
  readonly summary: SectionRow;
  readonly baselineDays: number;
  readonly parameters: SectionParameters;
}

const time = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

function notesOf({ found, period, summary, baselineDays, parameters }: NoteFacts): string[] {
  const notes: string[] = [];
  if (found.isCut)
    notes.push(
      `there are about ${found.rows} rows since ${time(found.firstHourMs!)}; what follows is of the latest, since ${time(found.historyFromMs)} UTC; --from and --to choose others, --all takes all`,
    );
  if (found.rows > 0 && summary['requests'] === 0)
    notes.push(
      `nothing in this period; it was seen between ${time(found.firstHourMs!)} and ${time(found.lastHourMs! + 3_600_000)} UTC`,
    );
  if (found.rows === 0) notes.push('no event of it in this period; what follows is of findings that name it');
  const historyDays = Math.floor((parameters.toMs - parameters.historyFromMs) / dayMs);
  if (found.rows > 0 && historyDays < baselineDays)
    notes.push(`its history of ${historyDays} days is too short to say what is new; ${baselineDays} are needed`);
  if (period.fromMs !== null && period.fromMs > parameters.toMs) notes.push('the period ends before it begins');
  return notes;
}

function findingMark(row: SectionRow): { at: string; text: string } {
  return { at: String(row['first_at']), text: `${String(row['severity'])} finding: ${String(row['title'])}` };
}

/** A new hour is worth a line of its own, and not one in the timeline, which says the hour anyway. */
function isMarked(row: SectionRow): boolean {
  return row['dimension'] !== 'hour of the day';
}

function newsMark(row: SectionRow): { at: string; text: string } {
  return { at: String(row['first_at']), text: `new ${String(row['dimension'])}: ${String(row['value'])}` };
}
