/**
 * The shapes in which CloudTrail writes one and the same value: scalar or one-element array, object or array of objects,
 * boolean or "true", nested object or JSON text. Everything in this folder reads logged values through these functions.
 */

/** An object as it was logged; nothing about its fields is certain. */
export type LoggedObject = Readonly<Record<string, unknown>>;

export function isLoggedObject(value: unknown): value is LoggedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list: nothing is no items, a scalar or an object is one item. */
export function listed(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The texts of a scalar or a list; numbers and booleans as text, anything else is left out. */
export function texts(value: unknown): string[] {
  return listed(value).flatMap((item) => (isScalar(item) ? [String(item)] : []));
}

/** The only or first item of a list, or the value itself. */
export function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

/** The first text of a scalar or a list; null when there is none. */
export function firstText(value: unknown): string | null {
  return texts(value)[0] ?? null;
}

/** true, false, "true", "false" in any case, also in a list of one; null for everything else. */
export function flag(value: unknown): boolean | null {
  const text = firstText(value)?.toLowerCase();
  if (text === 'true') return true;
  return text === 'false' ? false : null;
}

/** The object, or the object that the value is the JSON text of; null when it is neither. */
export function loggedObject(value: unknown): LoggedObject | null {
  const only = first(value);
  if (isLoggedObject(only)) return only;
  const parsed = typeof only === 'string' ? parsedJson(only) : null;
  return isLoggedObject(parsed) ? parsed : null;
}

/** The objects of a list, or the one object that stands for a list of one; anything else is left out. */
export function loggedObjects(value: unknown): LoggedObject[] {
  return listed(value).flatMap((item) => {
    const object = loggedObject(item);
    return object === null ? [] : [object];
  });
}

/** The value of a JSON text, or null when the text is not JSON. Never throws. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // a SyntaxError is how JSON.parse says no
  }
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
