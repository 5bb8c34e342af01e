/** What one window of event time contributes to a finding: a detection without its detector, as the catalog keeps it. */
import { isAtLeast, severities, type Severity } from '../config/severity.js';
import type { Detection } from '../detectors/engine/detection.js';

/** One a finding and `windowStartUs`; looking at the window again replaces it. */
export interface Contribution extends Omit<Detection, 'detector' | 'dryRun' | 'entity'> {
  /** Why it is not to be announced whatever the config's suppressions say; null for most. */
  readonly heldBecause: string | null;
}

/** The reason of findings of a detector that the config runs dry. */
const dryRunReason = 'dry run';

export function contributionOf({
  detector: _detector,
  dryRun,
  entity: _entity,
  ...detection
}: Detection): Contribution {
  return { ...detection, heldBecause: dryRun ? dryRunReason : null };
}

/** The worse of two severities comes first. */
export function compareSeverities(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}

export function isWorse(severity: Severity, than: Severity): boolean {
  return !isAtLeast(than, severity);
}

/** Whether two contributions say the same; both have come through `contributionOf` or `readContribution`. */
export function isSameContribution(a: Contribution, b: Contribution): boolean {
  return JSON.stringify(columnsAndBody(a)) === JSON.stringify(columnsAndBody(b));
}

/** The body of the table `finding_windows`: all that has no column of its own. */
export function bodyOfContribution(contribution: Contribution): string {
  return JSON.stringify(columnsAndBody(contribution).body);
}

/** Turns a row back; the columns are microseconds since 1970 and a count. */
export function readContribution(
  columns: Pick<Contribution, 'windowStartUs' | 'firstEventAtUs' | 'lastEventAtUs' | 'eventCount'>,
  body: string,
): Contribution {
  return { ...columns, ...(JSON.parse(body) as ContributionBody) };
}

type ContributionBody = Omit<Contribution, 'windowStartUs' | 'firstEventAtUs' | 'lastEventAtUs' | 'eventCount'>;

/** Keys in one order, so that equal contributions are equal texts. */
function columnsAndBody(contribution: Contribution) {
  const { windowStartUs, firstEventAtUs, lastEventAtUs, eventCount } = contribution;
  const { severity, summary, identity, evidence, expected, observed, historyDays, factors, heldBecause } = contribution;
  const { account_id, region, bucket, key, principal, source_ip, user_agent } = identity;
  const body: ContributionBody = {
    severity,
    summary,
    heldBecause,
    identity: { account_id, region, bucket, key, principal, source_ip, user_agent },
    evidence: evidence.map(({ eventTimeUs, logUri, logLine, requestId, action, key, status }) => ({
      eventTimeUs,
      logUri,
      logLine,
      requestId,
      action,
      key,
      status,
    })),
    expected,
    observed,
    historyDays,
    factors,
  };
  return { columns: [windowStartUs, firstEventAtUs, lastEventAtUs, eventCount], body };
}
