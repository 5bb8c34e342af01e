/** Where the files of a data directory are, and what the catalog knows of one file of the lake. */
import path from 'node:path';
import type { TableName } from '../parsers/tables.js';

/** Lake tables: what parsers fill, and the rollups that the store keeps of it. */
export type LakeTable = TableName | 'activity' | 'sightings';

/** One immutable Parquet file of the lake. */
export interface LakeFile {
  readonly table: LakeTable;
  /** Relative to the data directory, with forward slashes. */
  readonly path: string;
  /** Event date, `YYYY-MM-DD`; for rejects the date of the run. */
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
  /** Range of event_time in microseconds; null in files without one. */
  readonly minTimeUs: number | null;
  readonly maxTimeUs: number | null;
}

/** The paths inside a data directory. */
export interface DataDirectory {
  readonly root: string;
  readonly catalog: string;
  readonly snapshot: string;
  readonly lock: string;
  readonly lake: string;
  /** Files that die with the run: suspects, DuckDB's spill. */
  readonly scratch: string;
}

export function dataDirectory(root: string): DataDirectory {
  return {
    root,
    catalog: path.join(root, 'catalog.duckdb'),
    snapshot: path.join(root, 'snapshot.duckdb'),
    lock: path.join(root, 'run-lock.duckdb'),
    lake: path.join(root, 'lake'),
    scratch: path.join(root, 'scratch'),
  };
}

/** The path of a new file of the lake, relative to the data directory. */
export function lakePath(table: LakeTable, day: string, name: string): string {
  return `lake/${table}/dt=${day}/${name}.parquet`;
}

/** Behind the name of a file until it is whole: other programs read the lake, too, and a killed run leaves half a file. */
export const unfinished = '.new';

export const microsecondsPerDay = 86_400_000_000;

/** `YYYY-MM-DD` of a time in microseconds, UTC. */
export function dayOf(timeUs: number): string {
  return new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, 10);
}
