/** Writes the Markdown page of a detector, docs/detectors/<id>.md, from its file: never edited by hand. */
import type { Detector, DetectorParameter } from './detector.js';

const sourceNames = {
  access_log: 'S3 server access log',
  cloudtrail_data: 'CloudTrail S3 data events',
  cloudtrail_management: 'CloudTrail management events',
  findings: 'findings of other detectors',
} as const;

/** The page: what it is, why, parameters, false positives, known gaps, triage, the query. Ends with a line break. */
export function renderDetectorPage(detector: Detector): string {
  const sections = [
    `# ${plain(detector.title)}`,
    detector.description.trim(),
    facts(detector),
    section('Severity', severityText(detector)),
    section('Parameters', parameterTable(detector.params)),
    section('False positives', bullets(detector.falsePositives)),
    section('Known gaps', bullets(detector.knownGaps)),
    section('Triage', numbered(detector.nextSteps)),
    section('References', bullets(detector.references.map((address) => `<${address}>`))),
    section('Query', fenced(detector.query.trimEnd())),
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function facts(detector: Detector): string {
  const rows: [string, string][] = [
    ['id', `\`${detector.id}\``],
    ['version', String(detector.version)],
    ['family', detector.family],
    ['sources', detector.sources.map((source) => sourceNames[source]).join(', ')],
    ['one finding for each', `${detector.window} and ${detector.entity.map((column) => `\`${column}\``).join(', ')}`],
    ['ATT&CK', attack(detector)],
    ['learning', learning(detector)],
    ['needs in the config', detector.needs === null ? '' : `\`${detector.needs}\``],
    ['on by default', detector.enabled ? 'yes' : 'no'],
  ];
  return table(
    ['', ''],
    rows.filter(([, value]) => value !== ''),
  );
}

function attack({ mitre, tactic }: Detector): string {
  const links = mitre.map((id) => `[${id}](https://attack.mitre.org/techniques/${id.replace('.', '/')}/)`);
  return [...links, ...(tactic === null ? [] : [`(${tactic})`])].join(' ');
}

function learning({ needsLearning, learns }: Detector): string {
  if (!needsLearning) return 'none: works from the first event';
  return learns ?? 'needs a history before it speaks';
}

function severityText({ severity, severityRules }: Detector): string {
  return [`**${severity}**`, bullets(severityRules)].filter((text) => text !== '').join('\n\n');
}

function parameterTable(params: readonly DetectorParameter[]): string {
  const rows = params.map(({ name, default: value, unit, description }): string[] => [
    `\`${name}\``,
    `\`${JSON.stringify(value)}\``,
    unit ?? '',
    description,
  ]);
  return rows.length === 0 ? 'None.' : table(['parameter', 'default', 'unit', 'meaning'], rows);
}

function section(title: string, body: string): string {
  return body === '' ? '' : `## ${title}\n\n${body}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => plain(cell).replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${plain(item)}`).join('\n');
}

function numbered(items: readonly string[]): string {
  return items.map((item, index) => `${index + 1}. ${withPlaceholders(plain(item))}`).join('\n');
}

/** `<bucket>` would be an HTML tag and vanish. */
function withPlaceholders(item: string): string {
  return item.replace(/<([a-z_]+)>/g, '&lt;$1&gt;');
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** A fence that is longer than any run of backticks in the query. */
function fenced(query: string): string {
  const longest = Math.max(2, ...[...query.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${query}\n${fence}`;
}
