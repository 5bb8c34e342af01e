/** Which hits are expected: the config's suppressions, looked at with every hit by itself, and their dates. */
import ipaddr from 'ipaddr.js';
import { matchesAnyName, matchesName } from '../config/name-pattern.js';
import { toCidr } from '../config/scalars.js';
import { matchFields, type FileConfig } from '../config/schema.js';
import type { Contribution } from './contribution.js';

/** One rule of the config. */
export type Suppression = FileConfig['suppressions'][number];

export interface SuppressionRules {
  readonly suppressions: FileConfig['suppressions'];
  /** Milliseconds since 1970: a rule whose last day is over no longer holds. */
  readonly nowMs: number;
}

/**
 * Why a hit is not to be announced: that its detector runs dry, or the reason of the first rule that matches. Null when
 * it is to be announced.
 */
export function suppressionReason(
  rules: SuppressionRules,
  detector: string,
  contribution: Contribution,
): string | null {
  if (contribution.heldBecause !== null) return contribution.heldBecause;
  return suppressionOf(rules, detector, contribution)?.reason ?? null;
}

/** The first rule that matches a hit; null when none does. */
export function suppressionOf(
  { suppressions, nowMs }: SuppressionRules,
  detector: string,
  contribution: Contribution,
): Suppression | null {
  const rule = suppressions.find(
    (rule) => holds(rule, nowMs) && matchesName(rule.detector, detector) && matchesIdentity(rule, contribution),
  );
  return rule ?? null;
}

/** Whether a rule's last day is still to come or not over. */
export function holds({ expiresAtMs }: Suppression, nowMs: number): boolean {
  return expiresAtMs === null || nowMs < expiresAtMs;
}

/** All fields of the rule must match. A field about which the hit says nothing matches no pattern, not even `*`. */
function matchesIdentity({ match }: Suppression, { identity }: Contribution): boolean {
  return matchFields.every((field) => {
    const patterns = match[field];
    const value = identity[field];
    if (patterns === undefined) return true;
    if (value === null) return false;
    if (field === 'source_ip') return patterns.some((pattern) => matchesAddress(pattern, value));
    return matchesAnyName(patterns, value);
  });
}

/** `*` works on the text; anything else is an address or a network. */
function matchesAddress(pattern: string, written: string): boolean {
  const network = toCidr(pattern);
  if (network === null) return matchesName(pattern, written);
  if (!ipaddr.isValid(written)) return false; // AWS writes service names here as well
  const address = ipaddr.process(written);
  const range = ipaddr.parseCIDR(network);
  return address.kind() === range[0].kind() && address.match(range);
}
