/** Library queries as people call them: by name, with `name=value` for parameters. */
import type { DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import { nearestName } from '../config/nearest-name.js';
import { loadLibrary, loadQuery, type LibraryQuery } from '../queries/library.js';

/** The query of that name. Throws `name-unknown` with the nearest name. */
export function libraryQuery(name: string): LibraryQuery {
  const found = loadQuery(name);
  if (found !== null) return found;
  const nearest = nearestName(
    name,
    loadLibrary().map((query) => query.name),
  );
  throw new AppError(
    'name-unknown',
    `${name}: no query of that name${nearest === null ? '' : `; did you mean ${nearest}?`} "bucketwatch query" lists them all`,
  );
}

/**
 * Values by name: the defaults of a library query and what was given. Throws `usage` for what is no assignment and for a
 * parameter that the query does not have; SQL (null) takes any.
 */
export function parameterValues(library: LibraryQuery | null, given: readonly string[]): Record<string, DuckDBValue> {
  const values: Record<string, DuckDBValue> = {};
  for (const [name, parameter] of Object.entries(library?.parameters ?? {})) values[name] = parameter.default;
  for (const assignment of given) {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined) throw new AppError('usage', `--param ${assignment}: expected name=value`);
    if (library !== null && !Object.hasOwn(library.parameters, name)) {
      const names = Object.keys(library.parameters);
      throw new AppError(
        'usage',
        `--param ${name}: query ${library.name} has no such parameter; expected ${names.join(', ') || 'none'}`,
      );
    }
    values[name] = value!;
  }
  return values;
}
