/** `bucketwatch detectors list` and `explain`: what is detected, and how. */
import { AppError, exitCodes } from '../../config/app-error.js';
import { nearestName } from '../../config/nearest-name.js';
import { detectorSettings } from '../../detectors/engine/detector-settings.js';
import { renderDetectorPage } from '../../detectors/format/detector-page.js';
import { shippedDetectors } from '../../detectors/shipped.js';
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
  const config = commandConfig(context, options);
  const states = await learningStates(context, options);
  const rows: RowSet = {
    columns: ['id', 'family', 'severity', 'state', 'title'].map((name) => ({ name, type: 'text' })),
    rows: shippedDetectors().map((detector) => {
      const settings = detectorSettings(config, detector);
      const state = settings.enabled ? (settings.dryRun ? 'dry run' : states(detector)) : 'off';
      return [detector.id, detector.family, settings.severity ?? detector.severity, state, detector.title];
    }),
  };
  await printRows(context, toRowStream(rows), options);
  return exitCodes.done;
}

export async function explainDetectorCommand({ stdout }: CommandContext, id: string): Promise<number> {
  const detectors = shippedDetectors();
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
