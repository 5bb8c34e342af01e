/** When a sink hears of a finding again. Pure; the enqueuing asks it for every finding that changed. */
import type { Severity } from '../config/severity.js';
import { isWorse } from './contribution.js';

/**
 * Why an alert is sent: the first of its finding, a rise in severity, an update after the cool-down, or a digest of
 * findings that were too many to send one by one.
 */
export type AnnouncementReason = 'first' | 'severity' | 'update' | 'digest';

const hourMs = 3_600_000;

/** Silence after an alert, in which further events only count; milliseconds. */
const coolDownMs: Readonly<Record<Severity, number>> = {
  critical: hourMs,
  high: hourMs,
  medium: 24 * hourMs,
  low: 24 * hourMs,
  info: 24 * hourMs,
};

/** The latest alert of a finding that a sink has, or will have. */
export interface Heard {
  readonly severity: Severity;
  readonly reason: AnnouncementReason;
  /** Whether it still waits, so that the new one can take its place. */
  readonly isPending: boolean;
  /** When it was delivered, or else made; milliseconds since 1970. */
  readonly atMs: number;
}

/** Whether a changed finding is to be announced to a sink now, and why; null when it has to wait. */
export function announcementReason(severity: Severity, heard: Heard | null, nowMs: number): AnnouncementReason | null {
  if (heard === null) return 'first';
  if (heard.isPending) return heard.reason;
  if (isWorse(severity, heard.severity)) return 'severity';
  return nowMs - heard.atMs >= coolDownMs[severity] ? 'update' : null;
}
