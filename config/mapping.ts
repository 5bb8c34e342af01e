/**
 * How the schema says things: mappings that refuse unknown keys by name, keys that may be left out, and the wording
 * of errors. Every message reads `<what is wrong>; expected <what>` and follows the quoted value.
 */
import { z } from 'zod';
import { nearestName } from './nearest-name.js';

interface RawIssue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly keys?: readonly string[];
}

/** The error option of a schema: the value is wrong in this way, and this was expected. */
export function fault(problem: string, expected: string): { error: (issue: RawIssue) => string; abort: true } {
  return {
    error: ({ input }) => `${input === undefined ? 'is missing' : problem}; expected ${expected}`,
    abort: true,
  };
}

/** Text of a form: the pattern also goes into the JSON Schema. */
export function text(pattern: RegExp, problem: string, expected: string): z.ZodString {
  return z.string(fault(problem, expected)).regex(pattern, fault(problem, expected));
}

/** One of a few words. */
export function oneOf<const W extends readonly string[]>(words: W): z.ZodEnum<{ [word in W[number]]: word }> {
  return z.enum(words, fault('is not one of the known words', `one of ${words.join(', ')}`));
}

/** A list; its items bring their own errors. */
export function listOf<S extends z.ZodType>(item: S): z.ZodArray<S> {
  return z.array(item, fault('is not a list', 'a list, such as [a, b]'));
}

/**
 * A mapping with these keys and no others. The message for unknown keys has one line a key, in the order of the keys.
 */
export function mapping<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape);
  const { error } = fault('is not a mapping', `a mapping with keys of ${known.join(', ')}`);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return error(issue);
      return issue.keys.map((key) => unknownKey(key, known)).join('\n');
    },
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest === null) return `unknown key; expected one of ${known.join(', ')}`;
  return `unknown key; expected ${nearest} (the nearest of ${known.join(', ')})`;
}

/**
 * A key that may be left out. An empty key (`sources:` with every item commented out is null in YAML) counts as left
 * out. `fallback` is what one would have written, and is checked like it.
 */
export function optional<S extends z.ZodType>(schema: S, fallback: z.input<S>, description: string) {
  const value = schema.parse(fallback);
  return schema
    .nullish()
    .transform((given) => given ?? value)
    .meta({ description, default: fallback });
}

/** A key that may be left out and then is null: there is no useful default. */
export function nullable<S extends z.ZodType>(schema: S, description: string) {
  return schema
    .nullish()
    .transform((given) => given ?? null)
    .meta({ description, default: null });
}
