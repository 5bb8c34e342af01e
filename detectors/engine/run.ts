/** Runs detectors over one window: context once, then every detector by itself. One that fails does not stop the others. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import { severities } from '../../config/severity.js';
import type { Detector, ParameterDefault as ParameterValue } from '../format/detector.js';
import { dropContext, prepareContext } from './context.js';
import type { Detection, DetectorProblem, Evidence } from './detection.js';
import { detectorSettings, type DetectorSettings } from './detector-settings.js';
import { maxEvidence, readEvidence } from './evidence.js';
import { checkColumnNames, outputRow, type OutputRow } from './output-columns.js';
import { bindParameters, parameterValues } from './parameters.js';
import { isRollUp } from './signals.js';
import type { DetectionWindow } from './window-views.js';

/** What to run detectors over, and with what. */
export interface RunOptions extends DetectionWindow {
  readonly config: FileConfig;
  /** Parameters by detector id that win over those of the config. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;
  /** Log rows that an earlier look at the window found; what is evidence again is not read again. */
  readonly shownRows?: readonly Evidence[];
  /** Called when a detector is done, with the time it took. */
  readonly onDetector?: (detector: Detector, milliseconds: number) => void;
}

export interface RunResult {
  /** In the order of detector id, window and entity: the same data gives the same list. */
  readonly detections: readonly Detection[];
  readonly problems: readonly DetectorProblem[];
}

/** A detection whose evidence is still ids. */
export interface FoundRow {
  readonly detector: Detector;
  readonly settings: DetectorSettings;
  readonly row: OutputRow;
}

/**
 * Runs the detectors that the config leaves enabled over [fromMs, toMs), but for roll-ups (roll-up.ts). The connection must have the views of the store
 * and the tables of the catalog in reach; it is as it was before when this returns.
 */
export async function runDetectors(
  connection: DuckDBConnection,
  detectors: readonly Detector[],
  options: RunOptions,
): Promise<RunResult> {
  try {
    await prepareContext(connection, options);
    const { found, problems } = await runQueries(
      connection,
      detectors.filter((detector) => !isRollUp(detector)),
      options,
    );
    return { detections: await withEvidence(connection, found, options), problems };
  } finally {
    await dropContext(connection);
  }
}

/** Runs the queries of the enabled detectors, each by itself, on tables that are there. */
export async function runQueries(
  connection: DuckDBConnection,
  detectors: readonly Detector[],
  options: RunOptions,
): Promise<{ found: FoundRow[]; problems: DetectorProblem[] }> {
  const found: FoundRow[] = [];
  const problems: DetectorProblem[] = [];
  for (const detector of [...detectors].sort((a, b) => compareTexts(a.id, b.id))) {
    const settings = detectorSettings(options.config, detector);
    if (!settings.enabled) continue;
    const startedAt = performance.now();
    const { rows, problems: own } = await runDetector(connection, detector, { ...options, settings });
    found.push(...rows.map((row) => ({ detector, settings, row })));
    problems.push(...own.map((problem) => ({ detector: detector.id, ...problem })));
    options.onDetector?.(detector, performance.now() - startedAt);
  }
  return { found, problems };
}

interface DetectorResult {
  readonly rows: readonly OutputRow[];
  readonly problems: readonly Omit<DetectorProblem, 'detector'>[];
}

async function runDetector(
  connection: DuckDBConnection,
  detector: Detector,
  { settings, params, ...window }: RunOptions & { readonly settings: DetectorSettings },
): Promise<DetectorResult> {
  try {
    const values = parameterValues(detector, { ...settings.params, ...params?.[detector.id] });
    const rows = (await queryDetector(connection, detector, { window, values })).map((row) => outputRow(row));
    for (const row of rows) checkWindow(row, detector, window);
    return distinctRows(
      detector,
      rows.sort((a, b) => compareRows(detector, a, b)),
    );
  } catch (error) {
    return { rows: [], problems: [{ message: error instanceof Error ? error.message : String(error), isFatal: true }] };
  }
}

async function queryDetector(
  connection: DuckDBConnection,
  detector: Detector,
  { window, values }: { readonly window: DetectionWindow; readonly values: Readonly<Record<string, ParameterValue>> },
): Promise<Record<string, DuckDBValue>[]> {
  const statement = await connection.prepare(detector.query);
  try {
    // `with … insert` begins like a query.
    if (statement.statementType !== StatementType.SELECT)
      throw new Error(
        `the query is a ${StatementType[statement.statementType]} statement; expected one that only reads`,
      );
    bindParameters(statement, window, { detector, values });
    const reader = await statement.runAndReadAll();
    checkColumnNames(reader.columnNames());
    return reader.getRowObjects();
  } finally {
    statement.destroySync();
  }
}

const granularityUs = { hour: 3_600_000_000, day: 86_400_000_000 } as const;

/** A window_start outside the window, or in the middle of an hour, would file events under a wrong time. */
function checkWindow({ windowStartUs }: OutputRow, { window }: Detector, { fromMs, toMs }: DetectionWindow): void {
  const step = granularityUs[window];
  const first = Math.floor((fromMs * 1000) / step) * step;
  if (windowStartUs % step === 0 && windowStartUs >= first && windowStartUs < toMs * 1000) return;
  const shown = new Date(windowStartUs / 1000).toISOString();
  throw new Error(`column window_start is ${shown}; expected the start of a ${window} of the window under test`);
}

/** Keeps the first row of a window and entity, in the order of severity: a second one would replace its finding. */
function distinctRows(detector: Detector, sorted: readonly OutputRow[]): DetectorResult {
  const rows = sorted.filter(
    (row, index) => index === 0 || rowKey(detector, row) !== rowKey(detector, sorted[index - 1]!),
  );
  const repeated = sorted.length - rows.length;
  if (repeated === 0) return { rows, problems: [] };
  const message = `${repeated} rows repeat a window and entity (${detector.entity.join(', ')}) of another; expected one row each`;
  return { rows, problems: [{ message, isFatal: false }] };
}

async function withEvidence(
  connection: DuckDBConnection,
  found: readonly FoundRow[],
  { shownRows = [], isLarge = false }: RunOptions,
): Promise<Detection[]> {
  const rowIdsOf = ({ row }: FoundRow): readonly string[] => row.rowIds.slice(0, maxEvidence);
  const evidence = await readEvidence(
    connection,
    found.flatMap((finding) => rowIdsOf(finding)),
    { shownRows, isLarge },
  );
  return found.map((finding) =>
    detectionOf(
      finding,
      rowIdsOf(finding).flatMap((rowId) => evidence.get(rowId) ?? []),
    ),
  );
}

/** The detection of a row, with the log rows that show it. */
export function detectionOf({ detector, settings, row }: FoundRow, evidence: readonly Evidence[]): Detection {
  const { severity, rowIds: _rowIds, ...content } = row;
  return {
    detector,
    severity: settings.severity ?? severity ?? detector.severity,
    dryRun: settings.dryRun,
    entity: entityOf(detector, row),
    evidence,
    ...content,
  };
}

function entityOf({ entity }: Detector, { identity }: OutputRow): (string | null)[] {
  return entity.map((column) => identity[column]);
}

function rowKey(detector: Detector, row: OutputRow): string {
  return JSON.stringify([row.windowStartUs, ...entityOf(detector, row)]);
}

function compareRows(detector: Detector, a: OutputRow, b: OutputRow): number {
  const severityOf = (row: OutputRow): number => severities.indexOf(row.severity ?? detector.severity);
  const byWindow = a.windowStartUs - b.windowStartUs;
  if (byWindow !== 0) return byWindow;
  return (
    compareTexts(rowKey(detector, a), rowKey(detector, b)) ||
    severityOf(a) - severityOf(b) ||
    compareTexts(a.summary ?? '', b.summary ?? '')
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
