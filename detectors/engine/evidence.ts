/** Finds the rows that detections name as their evidence. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, VARCHAR } from '@duckdb/node-api';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows, setList } from '../../store/duckdb.js';
import type { Evidence } from './detection.js';

/** Rows that a finding shows. */
export const maxEvidence = 10;

/** So many rows are in most of the files of a window: looking for the files would be for nothing. */
const manyRows = 500;

interface Row {
  readonly row_id: string;
  readonly event_time_us: bigint | number;
  readonly log_uri: string;
  readonly log_line: bigint | number;
  readonly request_id: string | null;
  readonly action: string | null;
  readonly key: string | null;
  readonly status: number | null;
}

const eventsSql = `
select row_id, epoch_us(event_time) as event_time_us, log_uri, log_line, request_id, action, key, status
from s3_events
semi join wanted_rows using (log_uri, log_line)
`;

/** The same of the files at once: in the view, what nobody wants would be worked out for all rows first. */
const accessLogSql = `
select
  wanted.row_id, epoch_us(log.event_time) as event_time_us, log.log_uri, log.log_line, log.request_id,
  action_of_operation(log.operation, log.has_key) as action, log.key, log.http_status as status
from read_parquet(getvariable('access_log_files')) as log
join wanted_rows as wanted on wanted.log_uri = log.log_uri and wanted.log_line = log.log_line
where log.event_time >= getvariable('window_from') and log.event_time < getvariable('window_to')
`;

const filesSql = `
select distinct filename
from read_parquet(getvariable('access_log_files'), filename = true)
semi join wanted_rows using (log_uri, log_line)
`;

/** Calls of other services, and the CloudTrail half of requests that both logs saw. */
const trailSql = `
select
  wanted.row_id, epoch_us(trail.event_time) as event_time_us, trail.log_uri, trail.log_index as log_line, trail.request_id,
  trail.event_name as action, trail.key, cast(null as integer) as status
from cloudtrail as trail
join wanted_rows as wanted on wanted.log_uri = trail.log_uri and wanted.log_line = trail.log_index
`;

/** The last file has no rows; a list must not be empty. */
const narrowFiles = `
set variable files_of_window = getvariable('access_log_files');
set variable access_log_files =
  list_concat(getvariable('files_of_rows'), list_slice(getvariable('files_of_window'), -1, -1));
`;

export interface EvidenceOptions {
  /** Rows that are known; they are not read again. */
  readonly shownRows: readonly Evidence[];
  /** True when `s3_events` reads the files of the lake. */
  readonly isLarge: boolean;
}

/** The rows of the window with these ids, by id. An id that the window does not have is left out. */
export async function readEvidence(
  connection: DuckDBConnection,
  rowIds: readonly string[],
  { shownRows, isLarge }: EvidenceOptions,
): Promise<Map<string, Evidence>> {
  const found = new Map(shownRows.map((row) => [`${row.logUri}#${row.logLine}`, row]));
  const wanted = [...new Set(rowIds)].filter((rowId) => !found.has(rowId)).flatMap((rowId) => placeOf(rowId));
  if (wanted.length === 0) return found;
  await connection.run('create or replace temp table wanted_rows (row_id varchar, log_uri varchar, log_line bigint)');
  await appendTempRows(connection, 'wanted_rows', columns, wanted);
  const rows = await readRows(connection, { isLarge, count: wanted.length });
  if (rows.length < wanted.length) rows.unshift(...(await queryRows<Row>(connection, trailSql)));
  await connection.run('drop table wanted_rows');
  for (const row of rows) found.set(row.row_id, evidenceOf(row));
  return found;
}

async function readRows(
  connection: DuckDBConnection,
  { isLarge, count }: { readonly isLarge: boolean; readonly count: number },
): Promise<Row[]> {
  if (!isLarge) return queryRows<Row>(connection, eventsSql);
  return count > manyRows ? queryRows<Row>(connection, accessLogSql) : readFewFiles(connection);
}

/** Finds the files by two narrow columns first: few rows are in few files, and keys are what takes time to read. */
async function readFewFiles(connection: DuckDBConnection): Promise<Row[]> {
  const files = await queryRows<{ filename: string }>(connection, filesSql);
  const names = files.map(({ filename }) => filename);
  await setList(connection, 'files_of_rows', names);
  await connection.run(narrowFiles);
  try {
    return await queryRows<Row>(connection, accessLogSql);
  } finally {
    await connection.run("set variable access_log_files = getvariable('files_of_window')");
  }
}

interface Place {
  readonly rowId: string;
  readonly logUri: string;
  readonly logLine: bigint;
}

const columns: readonly AppendColumn<Place>[] = [
  { type: VARCHAR, value: ({ rowId }) => rowId },
  { type: VARCHAR, value: ({ logUri }) => logUri },
  { type: BIGINT, value: ({ logLine }) => logLine },
];

/** A row id is `log_uri#line`; nothing when it is not. */
function placeOf(rowId: string): Place[] {
  const [, logUri, line] = /^(.*)#(\d{1,18})$/s.exec(rowId) ?? [];
  return logUri === undefined || line === undefined ? [] : [{ rowId, logUri, logLine: BigInt(line) }];
}

function evidenceOf(row: Row): Evidence {
  return {
    eventTimeUs: Number(row.event_time_us),
    logUri: row.log_uri,
    logLine: Number(row.log_line),
    requestId: row.request_id,
    action: row.action,
    key: row.key,
    status: row.status,
  };
}
