import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDetectorPage } from '../../detectors/format/detector-page.js';
import type { Detector } from '../../detectors/format/detector.js';
import { loadDetectors } from '../../detectors/format/load-detectors.js';
import { parseDetector } from '../../detectors/format/parse-detector.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';

const header = `id: mass-object-delete
version: 2
title: mass object deletion
severity: high
severity_rules:
  - critical when the bucket is listed as sensitive
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1485]
window: hour
entity: [bucket, principal]
needs_learning: false
params:
  min_objects:
    default: 100
    unit: objects
    description: Deleted objects from which on to alert.
description: >-
  Someone deleted many objects
  within an hour.
false_positives:
  - Clean-up jobs.
known_gaps:
  - Lifecycle rules are another detector's.
next_steps:
  - "List them: select key from s3_events where bucket = '<bucket>'."
references:
  - https://attack.mitre.org/techniques/T1485/
`;
const query = `select bucket, principal, count(*) as event_count
from s3_events
where event_time >= $from and event_time < $to
having count(*) >= $min_objects
`;
const file = 'detectors/impact/mass-object-delete.sql';

function textOf(changes: { header?: (text: string) => string; query?: string } = {}): string {
  return `/*---\n${(changes.header ?? ((text) => text))(header)}---*/\n${changes.query ?? query}`;
}

function detectorOf(text: string): Detector {
  const parsed = parseDetector(text, file);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.detector;
}

function problemsOf(text: string, name = file): readonly string[] {
  const parsed = parseDetector(text, name);
  return 'problems' in parsed ? parsed.problems : [];
}

describe('a detector file', () => {
  it('becomes a detector with the names of the code', () => {
    expect(detectorOf(textOf())).toEqual({
      id: 'mass-object-delete',
      version: 2,
      title: 'mass object deletion',
      severity: 'high',
      severityRules: ['critical when the bucket is listed as sensitive'],
      family: 'impact',
      sources: ['access_log', 'cloudtrail_data'],
      tactic: 'impact',
      mitre: ['T1485'],
      window: 'hour',
      entity: ['bucket', 'principal'],
      needsLearning: false,
      learns: null,
      needs: null,
      enabled: true,
      params: [
        { name: 'min_objects', default: 100, unit: 'objects', description: 'Deleted objects from which on to alert.' },
      ],
      description: 'Someone deleted many objects within an hour.',
      falsePositives: ['Clean-up jobs.'],
      knownGaps: ["Lifecycle rules are another detector's."],
      nextSteps: ["List them: select key from s3_events where bucket = '<bucket>'."],
      references: ['https://attack.mitre.org/techniques/T1485/'],
      query,
      path: file,
    });
  });

  it('may have Windows line ends and a byte order mark', () => {
    expect(detectorOf(`\uFEFF${textOf().replaceAll('\n', '\r\n')}`).query).toBe(query);
  });

  it.each([
    ['title: mass object deletion\n', '', `${file}:2 title: is missing; expected some text on one line`],
    [
      'version: 2',
      'version: two',
      `${file}:3 version: "two" is not a whole number in range; expected a whole number from 1 to 9999`,
    ],
    [
      'severity: high',
      'severity: urgent',
      `${file}:5 severity: "urgent" is not one of the known words; expected one of critical, high, medium, low, info`,
    ],
    [
      'mitre: [T1485]',
      'mitre: [1485]',
      `${file}:11 mitre[0]: 1485 is not an ATT&CK technique; expected an id such as T1530 or T1562.008`,
    ],
    [
      'sources: [access_log, cloudtrail_data]',
      'sources: []',
      `${file}:9 sources: a list is empty; expected at least one`,
    ],
    [
      'entity: [bucket, principal]',
      'entity: [bucket, bucket]',
      `${file}:13 entity: a list names one twice; expected each once`,
    ],
    [
      '    default: 100',
      '    default: [1, two]',
      `${file}:17 params.min_objects.default: a list mixes types; expected items of one type`,
    ],
    [
      "known_gaps:\n  - Lifecycle rules are another detector's.\n",
      'known_gaps: []\n',
      `${file}:25 known_gaps: a list is empty; expected at least one sentence`,
    ],
    ['false_positives:', 'false_positive:', `${file}:23 false_positive: unknown key; expected false_positives`],
    [
      'id: mass-object-delete',
      'id: mass-delete',
      `${file}:2 id: mass-delete is not the name of the file; expected mass-object-delete`,
    ],
    ['family: impact', 'family: exposure', `${file}:2 family: exposure is not the name of the folder; expected impact`],
    [
      'params:\n  min_objects',
      'params:\n  from',
      `${file}:16 params.from: is bound to the window already; expected another name`,
    ],
  ])('with %j as %j says so with its line', (before, after, problem) => {
    expect(problemsOf(textOf({ header: (text) => text.replace(before, after) })).join('\n')).toContain(problem);
  });

  it('with invalid YAML names the line of the file', () => {
    expect(problemsOf(textOf({ header: (text) => text.replace('title: mass', 'title: [mass') }))[0]).toMatch(
      /^detectors\/impact\/mass-object-delete\.sql:\d+ \(yaml\): /,
    );
  });

  it('without a header says what a header is', () => {
    expect(problemsOf(query)).toEqual([
      `${file}:1 (header): not found; expected a first line /*--- and later a line ---*/`,
    ]);
  });

  it('never throws, whatever the text', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '/*---\n',
        '---*/\n',
        header,
        query,
        '$x',
        "'",
        '"',
        '/*',
        '$$',
        '&a [*a]',
        '\0',
        '\n',
        'id: 1\n',
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          pieces.map((list) => list.join('')),
        ),
        (text) => {
          expect(parseDetector(text, file)).toBeTypeOf('object');
        },
      ),
    );
  });
});

describe('the query of a detector', () => {
  it.each([
    [
      'an undeclared parameter',
      query.replace('$min_objects', '$min_object'),
      ':35 query: $min_object is not declared; expected one of $min_objects, $from, $to',
    ],
    [
      'a declared parameter that is not used',
      query.replace('$min_objects', '100'),
      ':32 query: $min_objects is declared and not used',
    ],
    [
      'a positional parameter',
      query.replace('$min_objects', '? + $min_objects'),
      ':35 query: ? is a parameter without a name; expected $name',
    ],
    [
      'a second statement',
      `${query};\ndelete from findings`,
      ':36 query: a second statement follows; expected one query',
    ],
    [
      'another statement than a query',
      `update x set y = $from + $to + $min_objects`,
      ':32 query: starts with update; expected select or with',
    ],
    ['an open string', `${query} and x = 'y`, "query: ' is never closed"],
    ['nothing in it', '\n-- later\n', 'query: no query; expected one SQL query behind the header'],
  ])('with %s says so with its line', (_, changed, problem) => {
    expect(problemsOf(textOf({ query: changed })).join('\n')).toContain(problem);
  });

  it.each([
    ['strings', "'$x; it''s ?'"],
    ['strings with escapes', String.raw`e'\' $x ;'`],
    ['quoted names', '"$x;"'],
    ['dollar quotes', '$tag$ $x ; $tag$'],
    ['line comments', '1 -- $x ; ?'],
    ['nested block comments', '/* $x /* ; */ ? */ 1'],
    ['names with a dollar', 'a$x'],
  ])('may have anything in %s', (_, inside) => {
    expect(problemsOf(textOf({ query: `select ${inside}\n, ${query.slice(7)};\n` }))).toEqual([]);
  });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder('detectors');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

describe('a folder of detectors', () => {
  it('loads what is right, tells what is not, and leaves other files alone', () => {
    const folder = folderWith({
      'impact/mass-object-delete.sql': textOf(),
      'impact/broken.sql': 'select 1',
      'impact/notes.md': '# notes',
      'setup.sql': 'create table x (y integer)',
      'misplaced.sql': textOf(),
    });
    const { detectors, problems } = loadDetectors(folder);
    expect(detectors.map(({ id, path }) => [id, path])).toEqual([
      ['mass-object-delete', 'impact/mass-object-delete.sql'],
    ]);
    expect(problems).toEqual([
      'impact/broken.sql:1 (header): not found; expected a first line /*--- and later a line ---*/',
      'misplaced.sql:1 (file): lies in the wrong place; expected <family>/<id>.sql',
    ]);
  });

  it('refuses an id that two families have', () => {
    const folder = folderWith({
      'exposure/mass-object-delete.sql': textOf({
        header: (text) => text.replace('family: impact', 'family: exposure'),
      }),
      'impact/mass-object-delete.sql': textOf(),
    });
    expect(loadDetectors(folder).problems).toEqual([
      'impact/mass-object-delete.sql:2 id: mass-object-delete is the id of exposure/mass-object-delete.sql as well; expected one file an id',
    ]);
  });

  it('finds nothing wrong with the shipped detectors', () => {
    expect(loadDetectors(path.join(packageRoot, 'detectors')).problems).toEqual([]);
  });
});

describe('the page of a detector', () => {
  const page = renderDetectorPage(detectorOf(textOf()));

  it('has every part in order', () => {
    expect([...page.matchAll(/^#+ .*$/gm)].map(([heading]) => heading)).toEqual([
      '# mass object deletion',
      '## Severity',
      '## Parameters',
      '## False positives',
      '## Known gaps',
      '## Triage',
      '## References',
      '## Query',
    ]);
  });

  it('tells unit and default of a parameter', () => {
    expect(page).toContain('| `min_objects` | `100` | objects | Deleted objects from which on to alert. |');
  });

  it('shows placeholders that HTML would swallow', () => {
    expect(page).toContain("1. List them: select key from s3_events where bucket = '&lt;bucket&gt;'.");
  });

  it('ends with the query as it is', () => {
    expect(page.endsWith(`\`\`\`sql\n${query}\`\`\`\n`)).toBe(true);
  });

  it('keeps a pipe inside its cell', () => {
    const text = textOf({ header: (head) => head.replace('unit: objects', 'unit: objects | keys') });
    expect(renderDetectorPage(detectorOf(text))).toContain('objects \\| keys');
  });
});
