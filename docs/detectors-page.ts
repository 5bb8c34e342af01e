/** docs/detectors.md: an index of the detectors by family; each has a page of its own beside it. */
import type { Detector } from '../detectors/format/detector.js';
import { guardDutyTypes } from './guardduty.js';
import { block, code, list, page, prose, section, table } from './markdown.js';

const logNames = {
  access_log: 'access log',
  cloudtrail_data: 'data events',
  cloudtrail_management: 'management events',
  findings: 'findings',
} as const;

const introduction = `\
A detector is a SQL file with a header. It runs over hours of event time, remembers nothing and knows no clock, so that running it
over last month gives what it would have given then. Settings and parameters are changed in the config, see
[config.md](config.md#detectors). Detectors of your own are written the same way: [writing-detectors.md](writing-detectors.md).`;

const guardDutyIntroduction = `\
GuardDuty's finding types about S3, and what sees the same here, from the same events and from access logs as well. Its models are closed; what ours compare with is in
their pages. Not covered: \`Object:S3/MaliciousFile\`, which scans the content of objects.`;

export function detectorsPage(detectors: readonly Detector[]): string {
  const families = [...new Set(detectors.map(({ family }) => family))].sort();
  return page(
    'Detectors',
    introduction,
    block('sh', 'bucketwatch detectors list'),
    list(
      families.map((family) => `[${family}](#${family}): ${detectors.filter((each) => each.family === family).length}`),
    ),
    list(['[GuardDuty’s types](#guardduty)']),
    ...families.map((family) => section(2, family, familyTable(detectors.filter((each) => each.family === family)))),
    section(2, 'GuardDuty', guardDutyIntroduction, guardDutyTable()),
  );
}

function familyTable(detectors: readonly Detector[]): string {
  const rows = detectors.map(({ id, title, severity, sources, mitre, needsLearning }) => [
    `[${code(id)}](detectors/${id}.md)`,
    prose(title),
    severity,
    sources.map((source) => logNames[source]).join(', '),
    mitre.join(', '),
    needsLearning ? 'yes' : 'no',
  ]);
  return table(['detector', 'finds', 'severity', 'logs', 'ATT&CK', 'learns'], rows);
}

function guardDutyTable(): string {
  const rows = guardDutyTypes.map(({ type, severity, source, detectors, remark }) => [
    code(type),
    severity,
    source,
    detectors.map((id) => `[${code(id)}](detectors/${id}.md)`).join(', '),
    remark,
  ]);
  return table(['GuardDuty', 'its severity', 'its source', 'here', 'remark'], rows);
}
