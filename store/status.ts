/** The state of a data directory in numbers, read from the published snapshot. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { severities } from '../config/severity.js';
import { queryRows } from './duckdb.js';

/** What `status --json` prints; times are ISO 8601 UTC. `last_run` is the last that looked at logs. */
export interface Status {
  readonly last_run: {
    readonly run_id: string;
    readonly command: string;
    readonly status: string;
    readonly started_at: string;
    readonly ended_at: string | null;
  } | null;
  readonly objects: number;
  readonly objects_failed: number;
  readonly lines: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly newest_event_at: string | null;
  /** Hours of event time with rows that detectors have not seen. */
  readonly pending_hours: number;
  /** Open, updated and acknowledged findings by severity. */
  readonly findings: Readonly<Record<string, number>>;
  readonly alerts_pending: number;
  readonly alerts_dead: number;
  readonly lake: { readonly files: number; readonly bytes: number };
  /** The objects that failed most often, at most ten. */
  readonly failing: readonly { readonly uri: string; readonly error: string; readonly attempts: number }[];
}

const iso = (column: string): string => `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ')`;

export async function readStatus(connection: DuckDBConnection): Promise<Status> {
  const one = async <Row>(sql: string): Promise<Row> => (await queryRows<Row>(connection, sql))[0]!;
  const runs = await queryRows<NonNullable<Status['last_run']>>(
    connection,
    `select run_id, command, status, ${iso('started_at')} as started_at, ${iso('ended_at')} as ended_at
     from runs
     where command in ('run', 'ingest', 'detect')
     order by runs.started_at desc
     limit 1`,
  );
  const ledger = await one<Record<'objects' | 'lines' | 'rows' | 'duplicates' | 'rejected' | 'bytes', bigint>>(
    `select count(*) as objects, coalesce(sum(lines), 0)::bigint as lines, coalesce(sum("rows"), 0)::bigint as "rows",
       coalesce(sum(duplicates), 0)::bigint as duplicates, coalesce(sum(rejected), 0)::bigint as rejected,
       coalesce(sum(size), 0)::bigint as bytes
     from objects`,
  );
  const lake = await one<{ files: bigint; bytes: bigint }>(
    'select count(*) as files, coalesce(sum(bytes), 0)::bigint as bytes from lake_files',
  );
  const { newest } = await one<{ newest: string | null }>(
    `select ${iso('max(max_event_time)')} as newest from lake_files`,
  );
  const { hours } = await one<{ hours: bigint }>('select count(distinct hour) as hours from pending_hours');
  const findings = await queryRows<{ severity: string; n: bigint }>(
    connection,
    `select severity, count(*) as n
     from findings
     where state in ('open', 'updated', 'acknowledged')
     group by severity`,
  );
  const outbox = await one<{ pending: bigint; dead: bigint }>(
    `select count(*) filter (where state in ('pending', 'sending')) as pending,
       count(*) filter (where state = 'dead') as dead
     from outbox`,
  );
  const failing = await queryRows<{ uri: string; error: string; attempts: number }>(
    connection,
    'select uri, error, attempts from object_failures order by attempts desc, uri limit 10',
  );
  const { failed } = await one<{ failed: bigint }>('select count(*) as failed from object_failures');
  return {
    last_run: runs[0] ?? null,
    objects: Number(ledger.objects),
    objects_failed: Number(failed),
    lines: Number(ledger.lines),
    rows: Number(ledger.rows),
    duplicates: Number(ledger.duplicates),
    rejected: Number(ledger.rejected),
    bytes: Number(ledger.bytes),
    newest_event_at: newest,
    pending_hours: Number(hours),
    findings: Object.fromEntries(
      severities.flatMap((severity) => {
        const count = findings.find((row) => row.severity === severity)?.n;
        return count === undefined ? [] : [[severity, Number(count)]];
      }),
    ),
    alerts_pending: Number(outbox.pending),
    alerts_dead: Number(outbox.dead),
    lake: { files: Number(lake.files), bytes: Number(lake.bytes) },
    failing,
  };
}
