/** The header of a detector file: its keys, what each takes, and what may be left out. */
import { z } from 'zod';
import { fault, listOf, mapping, nullable, oneOf, optional, text } from '../../config/mapping.js';
import { flag, severity, wholeNumber, words } from '../../config/scalars.js';
import { matchFields } from '../../config/schema.js';
import { detectorNeeds, detectorSources, tactics, type DetectorParameter, type ParameterDefault } from './detector.js';

/** Longest id: it becomes a file name, a metric dimension and part of a dedupe key. */
const maxIdLength = 64;

const idExpected = `lower-case words joined by -, at most ${maxIdLength} characters, such as log-bucket-object-deleted`;
const id = text(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not a detector id', idExpected).max(
  maxIdLength,
  fault('is too long', idExpected),
);
const family = text(/^[a-z]+(-[a-z]+)*$/, 'is not a family', 'the name of the folder, such as exposure');
const technique = text(/^T\d{4}(\.\d{3})?$/, 'is not an ATT&CK technique', 'an id such as T1530 or T1562.008');
const address = text(/^https:\/\/\S+$/, 'is not an address', 'an address that starts with https://');
const oneLine = text(/^\S.*$/, 'is not one line of text', 'some text on one line').refine(
  (written) => !written.includes('\n'),
  fault('has several lines', 'one line of text'),
);

const scalar = z.union(
  [z.number(), z.string(), z.boolean()],
  fault('is not a default', 'a number, text, true or false, or a list of one of these'),
);
const parameterDefault = z
  .union(
    [scalar, z.array(scalar)],
    fault('is not a default', 'a number, text, true or false, or a list of one of these'),
  )
  .refine(isOfOneType, fault('mixes types', 'items of one type'));

function isOfOneType(value: ParameterDefault): boolean {
  return !Array.isArray(value) || new Set(value.map((item) => typeof item)).size <= 1;
}

const parameter = mapping({
  default: parameterDefault,
  unit: nullable(oneLine, 'What the number counts, such as days or bytes.'),
  description: words,
});

/** The window is bound for every query, so no parameter can have its names. */
export const builtInParameters: readonly string[] = ['from', 'to'];

const parameterName = text(
  /^[a-z][a-z0-9_]{0,63}$/,
  'is not a parameter name',
  'lower-case words joined by _, such as min_objects',
).refine((name) => !builtInParameters.includes(name), fault('is bound to the window already', 'another name'));
const parameters = z.record(
  parameterName,
  parameter,
  fault('is not a mapping', 'parameter names with default, unit and description'),
);

const sentences = listOf(words).min(1, fault('is empty', 'at least one sentence'));
const unique = (list: readonly unknown[]): boolean => new Set(list).size === list.length;

/** At least one item, none twice. */
function setOf<S extends z.ZodType>(item: S) {
  return listOf(item).min(1, fault('is empty', 'at least one')).refine(unique, fault('names one twice', 'each once'));
}

/** The header as it is written; the result has the names of `Detector`. */
export const headerSchema = mapping({
  id,
  version: wholeNumber(1, 9999),
  title: oneLine,
  severity,
  severity_rules: optional(listOf(words), [], 'When the severity is another; a sentence each.'),
  family,
  sources: setOf(oneOf(detectorSources)).refine(
    (sources) => !sources.includes('findings') || sources.length === 1,
    fault('mixes findings with logs', 'findings alone, or logs'),
  ),
  tactic: nullable(oneOf(tactics), 'Tactic of MITRE ATT&CK.'),
  mitre: optional(listOf(technique), [], 'Techniques of MITRE ATT&CK v18.1.'),
  window: oneOf(['hour', 'day']),
  entity: setOf(oneOf(matchFields)),
  needs_learning: optional(flag, false, 'Whether it stays quiet until there is enough history.'),
  learns: nullable(words, 'What is learned, in a sentence.'),
  needs: nullable(oneOf(detectorNeeds), 'Key of the config without which it finds nothing.'),
  enabled: optional(flag, true, 'false keeps it off until the config switches it on.'),
  params: optional(parameters, {}, 'Parameters of the query by name.'),
  description: words,
  false_positives: sentences,
  known_gaps: sentences,
  next_steps: sentences,
  references: optional(listOf(address), [], 'Pages that say more.'),
}).transform(({ severity_rules, needs_learning, false_positives, known_gaps, next_steps, params, ...header }) => ({
  ...header,
  severityRules: severity_rules,
  needsLearning: needs_learning,
  falsePositives: false_positives,
  knownGaps: known_gaps,
  nextSteps: next_steps,
  params: Object.entries(params).map(([name, declared]): DetectorParameter => ({ name, ...declared })),
}));
