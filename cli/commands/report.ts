/** `bucketwatch report`: one self-contained page with findings, charts, coverage and the state of the detectors. */
import { exitCodes } from '../../config/app-error.js';
import { detectorSettings } from '../../detectors/engine/detector-settings.js';
import { shippedDetectors } from '../../detectors/shipped.js';
import { reportData, type DetectorState } from '../../reports/report-data.js';
import { reportPage } from '../../reports/report-page.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { learningStates } from '../learning-state.js';
import { createNotes } from '../notes.js';
import { formatBytes } from '../output/number-format.js';
import { periodOf } from '../period-option.js';
import { withReader } from '../reader-session.js';
import { commandConfig } from '../run-session.js';
import { writeText } from '../text-output.js';

export type ReportOptions = CommonOptions & {
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
};

export async function reportCommand(context: CommandContext, options: ReportOptions): Promise<number> {
  const period = periodOf(options);
  const detectors = await detectorStates(context, options);
  const page = await withReader(context, options, async ({ connection }, { learning }) => {
    const data = await reportData(connection, { ...period, baselineDays: learning.days, detectors });
    return reportPage(data, { writtenMs: context.now() });
  });
  await writeText(context, page, options.out === '-' ? undefined : options.out);
  if (options.out !== '-')
    createNotes(context, options).note(
      'report-written',
      `${options.out}: ${formatBytes(Buffer.byteLength(page))}, one file that needs nothing else`,
    );
  return exitCodes.done;
}

async function detectorStates(context: CommandContext, options: CommonOptions): Promise<DetectorState[]> {
  const config = commandConfig(context, options);
  const learning = await learningStates(context, options);
  return shippedDetectors().map((detector) => {
    const settings = detectorSettings(config, detector);
    const state = settings.enabled ? (settings.dryRun ? 'dry run' : learning(detector)) : 'off';
    const { id, family, title } = detector;
    return { id, family, severity: settings.severity ?? detector.severity, state, title };
  });
}
