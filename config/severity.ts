/** The severities of findings, worst first. They live here because the config is the earliest stage that names them. */

/** Worst first: the order in which lists are sorted. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;

/** How much a finding matters. */
export type Severity = (typeof severities)[number];

/** Whether a severity reaches a minimum, as `min_severity` and `--fail-on` ask. */
export function isAtLeast(severity: Severity, minimum: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(minimum);
}
