/**
 * Reading requestParameters of CloudTrail, whose values may be a scalar or an array of one, an object or an array of
 * objects, a boolean or its text (log-formats §2.4).
 */

/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as a list: itself when it is one, else a list of it; empty for null and undefined. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The value, or the first of a list, when that is an object; otherwise null. */
export function objectOf(value: unknown): JsonObject | null {
  const first = listOf(value)[0];
  return first !== null && typeof first === 'object' && !Array.isArray(first) ? (first as JsonObject) : null;
}

/** The value, or the first of a list, when that is text that is not empty; otherwise null. */
export function textOf(value: unknown): string | null {
  const first = listOf(value)[0];
  return typeof first === 'string' && first !== '' ? first : null;
}

/** Whether the value, or the first of a list, is true or its text in any case. */
export function isTrue(value: unknown): boolean {
  const first = listOf(value)[0];
  return first === true || (typeof first === 'string' && first.toLowerCase() === 'true');
}
