/** What `run` and `detect` print at the end: the findings that need somebody, or one summary object. */
import { listFindings } from '../alerts/findings-store.js';
import { exitCodes } from '../config/app-error.js';
import { isAtLeast, severities, type Severity } from '../config/severity.js';
import type { DetectOptions } from './detect-step.js';
import { renderFindings } from './output/findings-table.js';
import { formatCounted } from './output/number-format.js';
import { createStyle, wantsColours } from './output/style.js';
import type { RunSession } from './run-session.js';
import { runSummary, type DetectSummary } from './summary.js';

/** Findings that the table shows; the others are counted. */
const shownFindings = 40;

/** Prints the summary object with --json, and otherwise a table of the open findings and what to try next. */
export async function printResult(session: RunSession, result: DetectSummary, { json }: DetectOptions): Promise<void> {
  const { context, store, notes } = session;
  if (json === true) {
    context.stdout.write(`${JSON.stringify(runSummary(session, result))}\n`);
    return;
  }
  const open = await store.transact((connection) =>
    listFindings(connection, { states: ['open', 'updated'], limit: 10_000 }),
  );
  notes.note('detected', detectedText(result));
  if (open.length === 0) {
    notes.note('no-findings', 'no open findings');
    return;
  }
  const width = context.stdout.isTTY === true ? (context.stdout.columns ?? 80) : null;
  const style = createStyle(wantsColours(context.stdout, context.env));
  context.stdout.write(renderFindings(open.slice(0, shownFindings), { width, style }));
  if (open.length > shownFindings)
    notes.note(
      'more-findings',
      `${formatCounted(open.length - shownFindings, 'more finding')}: bucketwatch findings list`,
    );
  const [worst] = open;
  notes.note(
    'next',
    `\nTry next:\n  bucketwatch findings show ${worst!.id.slice(0, 10)}\n  bucketwatch query top-principals\n  bucketwatch detectors explain ${worst!.detector}`,
  );
}

/** 10 when --fail-on asks for it and this run found something of that severity or worse. */
export function exitCodeOf({ findings }: DetectSummary, { failOn }: DetectOptions): number {
  if (failOn === undefined) return exitCodes.done;
  const reached = Object.entries(findings).some(
    ([severity, count]) => count > 0 && isAtLeast(severity as Severity, failOn),
  );
  return reached ? exitCodes.findings : exitCodes.done;
}

function detectedText({ findings }: DetectSummary): string {
  const parts = severities
    .filter((severity) => (findings[severity] ?? 0) > 0)
    .map((severity) => `${findings[severity]} ${severity}`);
  return parts.length === 0 ? 'no new findings' : `new or changed findings: ${parts.join(', ')}`;
}
