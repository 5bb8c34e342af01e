/** The last step of a run: its numbers as metrics, for every cloudwatch sink of the config. */
import { catalogCounts, type CatalogCounts, type RunMetrics } from '../alerts/metrics.js';
import { publishMetrics } from '../alerts/sinks/cloudwatch.js';
import { exitCodes, toAppError } from '../config/app-error.js';
import type { SinkOf } from '../config/sink-schema.js';
import { severities, type Severity } from '../config/severity.js';
import { availableDetectors } from '../detectors/available.js';
import { detectorSettings } from '../detectors/engine/detector-settings.js';
import type { Detector } from '../detectors/format/detector.js';
import type { RunSession } from './run-session.js';

/** Exit codes of a run that did its work. */
const successes: readonly number[] = [exitCodes.done, exitCodes.partlyDone, exitCodes.findings];

/**
 * Publishes what the run came to, also when it ended with an error. Never throws: metrics that did not arrive make the
 * run partly done, and are told.
 */
export async function metricsStep(session: RunSession, exitCode: number): Promise<void> {
  const { config, context, notes } = session;
  const sinks = config.sinks.filter((sink): sink is SinkOf<'cloudwatch'> => sink.type === 'cloudwatch');
  if (sinks.length === 0) return;
  const metrics = await runMetrics(session, exitCode);
  for (const sink of sinks) {
    try {
      await publishMetrics(sink, metrics, { writeLog: (line) => context.stderr.write(line) });
    } catch (thrown) {
      const { message } = toAppError(thrown);
      notes.warn('metrics-failed', `metrics of this run were not published: ${message}`, { error: message });
      session.partlyDone = true;
    }
  }
}

async function runMetrics(session: RunSession, exitCode: number): Promise<RunMetrics> {
  const { store, context } = session;
  const atMs = context.now();
  return {
    atMs,
    isSuccess: successes.includes(exitCode) && !context.signal.aborted,
    durationMs: atMs - store.startedAtMs,
    objects: store.totals.objects,
    objectsFailed: store.totals.objectsFailed,
    rejected: store.totals.rejected,
    catalog: await countsOf(session, atMs),
    detectors: detectorSeries(session),
  };
}

/** Null when the catalog cannot be read, which is what ended the run then: the heartbeat says so without it. */
async function countsOf({ store, notes }: RunSession, nowMs: number): Promise<CatalogCounts | null> {
  try {
    return await store.transact((connection) => catalogCounts(connection, { runId: store.runId, nowMs }));
  } catch (thrown) {
    const { message } = toAppError(thrown);
    notes.warn('metrics-incomplete', `metrics of this run lack what the catalog knows: ${message}`, { error: message });
    return null;
  }
}

function detectorSeries({ config }: RunSession): RunMetrics['detectors'] {
  return availableDetectors(config).detectors.flatMap((detector) => {
    const settings = detectorSettings(config, detector);
    if (!settings.enabled) return [];
    const given = settings.severity === null ? severitiesOf(detector) : [settings.severity];
    return given.map((severity) => ({ detector: detector.id, severity }));
  });
}

/** The severity of a detector and those that its rules name. Others it gives have points in the runs that found them. */
function severitiesOf({ severity, severityRules }: Detector): Severity[] {
  const rules = severityRules.join(' ');
  return severities.filter((name) => name === severity || new RegExp(`\\b${name}\\b`).test(rules));
}
