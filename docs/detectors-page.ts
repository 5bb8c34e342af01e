/** docs/detectors.md: an index of the detectors by family; each has a page of its own beside it. */
import type { Detector } from '../detectors/format/detector.js';
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
[config.md](config.md#detectors).`;

export function detectorsPage(detectors: readonly Detector[]): string {
  const families = [...new Set(detectors.map(({ family }) => family))].sort();
  return page(
    'Detectors',
    introduction,
    block('sh', 'bucketwatch detectors list'),
    list(
      families.map((family) => `[${family}](#${family}): ${detectors.filter((each) => each.family === family).length}`),
    ),
    ...families.map((family) => section(2, family, familyTable(detectors.filter((each) => each.family === family)))),
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
