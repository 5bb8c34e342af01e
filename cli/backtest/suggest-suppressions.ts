/**
 * Suppressions that would have kept the noisiest entities quiet, as YAML to paste into the config and fill in. What would
 * hide a high or critical finding stands there commented out, and says so: nobody silences that by pasting.
 */
import { stringify } from 'yaml';
import { isAtLeast, type Severity } from '../../config/severity.js';
import type { BacktestSummary, NoisyEntity } from './summarise.js';

export interface Suggestion {
  readonly detector: string;
  readonly match: { readonly principal?: string; readonly bucket?: string };
  readonly findings: number;
  readonly days: number;
  readonly worst: Severity;
  /** True when it would hide a finding that is high or critical: not to be pasted without a look. */
  readonly hides_high: boolean;
}

/** An entity that comes up this often is a matter of course, or a false alarm. */
const minFindings = 3;
/** More are not read. */
const maxSuggestions = 20;
/** Until somebody has thought about it again. */
const validDays = 90;
const dayMs = 86_400_000;

export function suggestSuppressions({ detectors }: BacktestSummary): Suggestion[] {
  return detectors
    .flatMap(({ detector, entities }) =>
      entities.filter((entity) => isSuggested(entity)).map((entity) => suggestion(detector, entity)),
    )
    .sort((a, b) => b.findings - a.findings)
    .slice(0, maxSuggestions);
}

/** A `*` in a name would stand for anything in the config, so such a name cannot be suppressed alone. */
function isSuggested({ findings, principal, bucket }: NoisyEntity): boolean {
  const names = [principal, bucket].filter((name) => name !== null);
  return findings >= minFindings && names.length > 0 && names.every((name) => name !== '' && !name.includes('*'));
}

function suggestion(detector: string, { principal, bucket, findings, days, worst }: NoisyEntity): Suggestion {
  return {
    detector,
    match: { ...(principal === null ? {} : { principal }), ...(bucket === null ? {} : { bucket }) },
    findings,
    days,
    worst,
    hides_high: isAtLeast(worst, 'high'),
  };
}

/** The key `suppressions` of the config; '' without suggestions. */
export function suppressionsYaml(suggestions: readonly Suggestion[], nowMs: number): string {
  if (suggestions.length === 0) return '';
  const active = suggestions.filter(({ hides_high }) => !hides_high);
  const head = active.length === 0 ? 'suppressions: []' : 'suppressions:';
  return `${[head, ...suggestions.flatMap((one) => entryLines(one, nowMs))].join('\n')}\n`;
}

function entryLines(one: Suggestion, nowMs: number): string[] {
  const entry = {
    detector: one.detector,
    match: one.match,
    reason: 'FILL IN why this is expected',
    owner: 'FILL IN who answers for it',
    expires: new Date(nowMs + validDays * dayMs).toISOString().slice(0, 10),
  };
  const lines = stringify([entry], { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`);
  const count = `${one.findings} findings that began on ${one.days} days, at worst ${one.worst}`;
  if (!one.hides_high) return [`  # ${count}`, ...lines];
  return [
    `  # THIS WOULD HIDE ${one.worst.toUpperCase()} FINDINGS: look at them before you take the # away. ${count}`,
    ...lines.map((line) => line.replace(/^ {2}/, '  # ')),
  ];
}
