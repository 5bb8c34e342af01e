/** What the config says about one detector: its entries by id or pattern, in order, later ones winning. */
import { matchesName } from '../../config/name-pattern.js';
import type { FileConfig } from '../../config/schema.js';
import type { Severity } from '../../config/severity.js';
import type { Detector, ParameterDefault as ParameterValue } from '../format/detector.js';

export interface DetectorSettings {
  readonly enabled: boolean;
  /** null leaves the severity to the detector. */
  readonly severity: Severity | null;
  readonly dryRun: boolean;
  /** Overridden parameters by name. */
  readonly params: Readonly<Record<string, ParameterValue>>;
}

/**
 * The settings of a detector. The last matching entry decides, but for severity and parameters that it does not state. A
 * detector that is off by default is switched on by its own id only, never by a pattern that happens to match it.
 */
export function detectorSettings({ detectors }: FileConfig, { id, enabled }: Detector): DetectorSettings {
  const none: DetectorSettings = { enabled, severity: null, dryRun: false, params: {} };
  return Object.entries(detectors)
    .filter(([pattern]) => matchesName(pattern, id))
    .reduce(
      (settings, [pattern, entry]) => ({
        enabled: entry.enabled && (enabled || settings.enabled || pattern === id),
        severity: entry.severity ?? settings.severity,
        dryRun: entry.dryRun,
        params: { ...settings.params, ...entry.params },
      }),
      none,
    );
}
