/** `bucketwatch detectors list` and `explain`: what is detected, and how. */
import { AppError, exitCodes } from '../../config/app-error.js';
import type { Config } from '../../config/load.js';
import { nearestName } from '../../config/nearest-name.js';
import { availableDetectors } from '../../detectors/available.js';
import { detectorSettings, type DetectorSettings } from '../../detectors/engine/detector-settings.js';
import { renderDetectorPage } from '../../detectors/format/detector-page.js';
import type { Detector } from '../../detectors/format/detector.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { terminalSafeLines } from '../output/escape.js';
import { toRowStream, type RowSet } from '../output/rows.js';
import { commandConfig } from '../run-session.js';
import { printRows, type RowOutputOptions } from '../row-output.js';
import { learningStates } from '../learning-state.js';

export async function listDetectorsCommand(
  context: CommandContext,
  options: CommonOptions & RowOutputOptions,
): Promise<number> {
  const config = await commandConfig(context, options);
  const detectors = ownToo(config);
  const states = await learningStates(context, options);
  const rows: RowSet = {
    columns: ['id', 'family', 'severity', 'state', 'title'].map((name) => ({ name, type: 'text' })),
    rows: detectors.map((detector) => {
      const settings = detectorSettings(config, detector);
      const state = stateOf(settings, states(detector));
      return [detector.id, detector.family, settings.severity ?? detector.severity, state, detector.title];
    }),
  };
  await printRows(context, toRowStream(rows), options);
  return exitCodes.done;
}

/** Dry run and learning say different things: one that learns is silent, one that runs dry is heard by nobody. */
export function stateOf({ enabled, dryRun }: DetectorSettings, learning: string): string {
  if (!enabled) return 'off';
  if (!dryRun) return learning;
  return learning === 'active' ? 'dry run' : `dry run, ${learning}`;
}

/** All detectors of a config; a file of the user that is wrong is an error here, because somebody is looking. */
function ownToo(config: Config): readonly Detector[] {
  const { detectors, problems } = availableDetectors(config);
  if (problems.length > 0)
    throw new AppError('detector-invalid', problems.join('\n'), { facts: { problems: problems.length } });
  return detectors;
}

export async function explainDetectorCommand(
  context: CommandContext,
  id: string,
  options: CommonOptions,
): Promise<number> {
  const { stdout } = context;
  const detectors = ownToo(await commandConfig(context, options));
  const detector = detectors.find((each) => each.id === id);
  if (detector === undefined) {
    const nearest = nearestName(
      id,
      detectors.map((each) => each.id),
    );
    throw new AppError(
      'name-unknown',
      `${id}: no detector of that id${nearest === null ? '' : `; did you mean ${nearest}?`} "bucketwatch detectors list" lists them all`,
    );
  }
  stdout.write(terminalSafeLines(renderDetectorPage(detector)));
  return exitCodes.done;
}
