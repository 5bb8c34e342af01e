/** The scores of several seeds as a page. */
import { severities } from '../../config/severity.js';
import { bySeverity, type Score } from './score.js';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function isFound({ foundBy }: Score['played'][number]): boolean {
  return foundBy.length > 0;
}

export function qualityReport(scores: readonly Score[]): string {
  const played = scores.flatMap((score) => score.played);
  const days = sum(scores.map((score) => score.days));
  const alarms = scores.flatMap(({ falseAlarms }) => falseAlarms);
  const families = [...new Set(played.map(({ family }) => family))];
  const recall = families.map((family) => {
    const own = played.filter((one) => one.family === family);
    return [
      family,
      String(own.length),
      String(own.filter(isFound).length),
      percent(own.filter(isFound).length, own.length),
    ];
  });
  const found = played.filter(isFound).length;
  recall.push(['all', String(played.length), String(found), percent(found, played.length)]);
  const counts = bySeverity(alarms);
  const rates = severities.map((name) => [name, String(counts[name]), (counts[name] / days).toFixed(2)]);
  const missed = [...new Set(played.filter((one) => !isFound(one)).map(({ kind }) => kind))].sort();
  const duplicates = sum(scores.map((score) => score.duplicates));
  const pairs = sum(played.map(({ foundBy }) => foundBy.length));
  const noisy = new Map<string, number>();
  for (const { detector, severity } of alarms) {
    const name = `${severity} ${detector}`;
    noisy.set(name, (noisy.get(name) ?? 0) + 1);
  }
  const noisiest = [...noisy].map(([name, count]) => [...name.split(' '), String(count)]);
  return [
    '<!-- Written by "npm run quality -- --out docs/quality.md". Do not edit. -->\n',
    '# Quality of the detectors\n',
    `Written by \`npm run quality\` from generated logs: seeds ${scores.map(({ seed }) => seed).join(', ')}, ${days} days after three weeks of`,
    `learning, ${new Set(played.map(({ kind }) => kind)).size} kinds of attack once a seed, of an account with 40 principals and the surprises of`,
    'real ones (`fixtures/weeks`). Detectors are tuned on other seeds, but whoever wrote the attacks knew the detectors: take recall as what',
    'it is, and the false alarms as the better measure.\n',
    table(['family', 'attacks', 'found', 'recall'], recall),
    `Missed at least once: ${missed.join(', ') || 'none'}.\n`,
    `Findings a day: ${(sum(scores.map(({ findings }) => findings)) / days).toFixed(1)}. Findings of one attack by one detector: ${((pairs + duplicates) / pairs).toFixed(2)}.\n`,
    'False alarms: findings that belong to no attack.\n',
    table(['severity', 'false alarms', 'a day'], rates),
    table(
      ['severity', 'detector', 'false alarms'],
      noisiest.toSorted((a, b) => Number(b[2]) - Number(a[2])).slice(0, 15),
    ),
  ].join('\n');
}
