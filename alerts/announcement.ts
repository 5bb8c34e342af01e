/** When a sink hears of a finding again. Pure; the enqueuing asks it for every finding that changed. */
import type { FileConfig } from '../config/schema.js';
import { isAtLeast, type Severity } from '../config/severity.js';
import { isWorse } from './contribution.js';

/**
 * Why an alert is sent: the first of its finding, a rise in severity, an update after the cool-down, its end, or a digest
 * of findings that were too many to send one by one.
 */
export type AnnouncementReason = 'first' | 'severity' | 'update' | 'closed' | 'digest';

export type CoolDowns = Pick<FileConfig['alerts'], 'coolDownMs' | 'minorCoolDownMs'>;

/** The latest alert of a finding that a sink has, or will have. */
export interface Heard {
  readonly severity: Severity;
  readonly reason: AnnouncementReason;
  /** Whether it still waits, so that the new one can take its place. */
  readonly isPending: boolean;
  /** When it was delivered, or else made; milliseconds since 1970. */
  readonly atMs: number;
}

export interface AnnouncementRules {
  readonly coolDowns: CoolDowns;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Whether a changed finding is to be announced to a sink now, and why; null when it has to wait. */
export function announcementReason(
  severity: Severity,
  heard: Heard | null,
  { coolDowns, nowMs }: AnnouncementRules,
): AnnouncementReason | null {
  if (heard === null) return 'first';
  if (heard.isPending) return heard.reason;
  if (isWorse(severity, heard.severity)) return 'severity';
  // Who was told that it is over must hear that it is not.
  if (heard.reason === 'closed') return 'update';
  return nowMs - heard.atMs >= coolDownMs(severity, coolDowns) ? 'update' : null;
}

function coolDownMs(severity: Severity, { coolDownMs, minorCoolDownMs }: CoolDowns): number {
  return isAtLeast(severity, 'high') ? coolDownMs : minorCoolDownMs;
}
