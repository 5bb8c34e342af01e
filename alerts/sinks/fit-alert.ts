/** Makes a finding small enough for a message. The lake has all of it; the message says so. */
import type { Digest, DigestLine } from '../digest.js';
import type { Finding } from '../finding.js';
import type { Alert } from '../outbox.js';
import { textLiteral } from '../../store/sql-literal.js';

/**
 * The alert as it is when it fits, and otherwise the first of ever shorter ones that does: with less evidence, without
 * the query and the steps, with texts cut. Still a valid finding. What never fits is answered at its shortest.
 */
export function fitAlert(alert: Alert, fits: (alert: Alert) => boolean): Alert {
  if (fits(alert)) return alert;
  const { content } = alert;
  const shorter = 'evidence' in content ? shorterFindings(content) : shorterDigests(content);
  let shortest = alert;
  for (const content of shorter) {
    shortest = { ...alert, content };
    if (fits(shortest)) break;
  }
  return shortest;
}

function* shorterFindings(finding: Finding): Generator<Finding> {
  const all = finding.evidence.length;
  for (const rows of [5, 2, 1, 0]) if (rows < all) yield withRows(finding, rows);
  for (const length of [2000, 500, 100]) yield withTexts(withRows(finding, 0), length);
}

function withRows(finding: Finding, rows: number): Finding {
  const evidence = finding.evidence.slice(0, rows);
  return { ...finding, evidence, description: `${finding.description} ${noteOf(finding, rows)}` };
}

/** Where the rest is: the note stays whole when the texts are cut. */
function noteOf({ id, evidence }: Finding, rows: number): string {
  return `(shortened to fit, ${rows} of ${evidence.length} rows of evidence: bucketwatch findings show ${id.slice(0, 10)})`;
}

function withTexts(finding: Finding, length: number): Finding {
  const note = finding.description.slice(finding.description.lastIndexOf('(shortened to fit'));
  const description = finding.description.slice(0, -note.length - 1);
  const short = (text: string | null): string | null => (text === null ? null : cut(text, length));
  return {
    ...finding,
    title: cut(finding.title, length),
    description: `${cut(description, length)} ${note}`,
    bucket: short(finding.bucket),
    key: short(finding.key),
    principal: short(finding.principal),
    source_ip: short(finding.source_ip),
    user_agent: short(finding.user_agent),
    account_id: short(finding.account_id),
    region: short(finding.region),
    baseline: finding.baseline && {
      ...finding.baseline,
      expected: short(finding.baseline.expected),
      observed: short(finding.baseline.observed),
      factors: finding.baseline.factors.slice(0, 5).map((factor) => cut(factor, length)),
    },
    mitre: finding.mitre.slice(0, 10),
    query: `select * from findings where id = ${textLiteral(finding.id)}`,
    next_steps: finding.next_steps.slice(0, 5).map((step) => cut(step, length)),
  };
}

/** At most `length` units of UTF-16, never half a character, with a sign that something is missing. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function* shorterDigests(digest: Digest): Generator<Digest> {
  for (const lines of [100, 20, 5]) {
    const detectors: readonly DigestLine[] = digest.detectors.slice(0, lines);
    if (lines < digest.detectors.length) yield { ...digest, detectors };
  }
}
