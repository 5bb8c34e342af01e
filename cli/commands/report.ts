/** `bucketwatch report`: one self-contained page with findings, charts, coverage and the state of the detectors. */
import { exitCodes } from '../../config/app-error.js';
import type { Config } from '../../config/load.js';
import { availableDetectors } from '../../detectors/available.js';
import { detectorSettings } from '../../detectors/engine/detector-settings.js';
import type { Detector } from '../../detectors/format/detector.js';
import { openLocations } from '../../detectors/network/locations.js';
import { reportData, type DetectorState } from '../../reports/report-data.js';
import { reportPage } from '../../reports/report-page.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { stateOf } from './detectors.js';
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
  const config = await commandConfig(context, options);
  const notes = createNotes(context, options);
  const { detectors: available, problems } = availableDetectors(config);
  const { locations, problems: lost } = await openLocations(config.geoip);
  for (const problem of [...problems, ...lost]) notes.warn('not-in-report', problem);
  const learning = await learningStates(context, options);
  const page = await withReader(context, options, async ({ connection }) => {
    const data = await reportData(connection, {
      ...period,
      baselineDays: config.learning.days,
      detectors: available.map((detector) => detectorState(config, detector, learning(detector))),
      countryOf: config.geoip.country === null ? null : (ip) => locations.countryOf(ip),
    });
    return reportPage(data, { writtenMs: context.now() });
  });
  await writeText(context, page, options.out === '-' ? undefined : options.out);
  if (options.out !== '-')
    notes.note(
      'report-written',
      `${options.out}: ${formatBytes(Buffer.byteLength(page))}, one file that needs nothing else`,
    );
  return exitCodes.done;
}

function detectorState(config: Config, detector: Detector, learning: string): DetectorState {
  const settings = detectorSettings(config, detector);
  const { id, family, title } = detector;
  return { id, family, severity: settings.severity ?? detector.severity, state: stateOf(settings, learning), title };
}
