/** The parameters of a detector's query: the window, and what its header declares with the values that the config gives. */
import type { DuckDBPreparedStatement, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, DOUBLE, DuckDBTimestampValue, LIST, TIMESTAMP, VARCHAR, listValue } from '@duckdb/node-api';
import { AppError } from '../../config/app-error.js';
import type { Detector, ParameterDefault as ParameterValue } from '../format/detector.js';
import type { DetectionWindow } from './window-views.js';

type Bound = readonly [value: DuckDBValue, type: DuckDBType];

/**
 * The value of each declared parameter: the header's default, overridden. Throws `detector-invalid` for an override that
 * the detector does not declare or whose type is another than the default's.
 */
export function parameterValues(
  detector: Detector,
  overrides: Readonly<Record<string, ParameterValue>>,
): Record<string, ParameterValue> {
  const values: Record<string, ParameterValue> = Object.fromEntries(
    detector.params.map(({ name, default: value }) => [name, value]),
  );
  for (const [name, value] of Object.entries(overrides)) {
    const usual = values[name];
    if (usual === undefined) throw unknownParameter(detector, name);
    if (kindOf(usual) !== kindOf(value)) {
      throw invalid(
        detector,
        `parameter ${name} is ${kindOf(value)}; expected ${kindOf(usual)}, such as ${JSON.stringify(usual)}`,
      );
    }
    values[name] = value;
  }
  return values;
}

/** Binds what the query uses. Throws `detector-invalid` when it names a parameter that nobody declares. */
export function bindParameters(
  statement: DuckDBPreparedStatement,
  { fromMs, toMs }: DetectionWindow,
  { detector, values }: { readonly detector: Detector; readonly values: Readonly<Record<string, ParameterValue>> },
): void {
  const bound = new Map<string, Bound>(Object.entries(values).map(([name, value]) => [name, boundValue(value)]));
  bound.set('from', [new DuckDBTimestampValue(BigInt(fromMs) * 1000n), TIMESTAMP]);
  bound.set('to', [new DuckDBTimestampValue(BigInt(toMs) * 1000n), TIMESTAMP]);
  for (let index = 1; index <= statement.parameterCount; index++) {
    const name = statement.parameterName(index);
    const parameter = bound.get(name);
    if (parameter === undefined)
      throw invalid(detector, `the query uses $${name}; expected a parameter of the header, $from or $to`);
    statement.bindValue(index, ...parameter);
  }
}

/** Whole numbers are BIGINT, so that a threshold in bytes needs no cast in the query. */
function boundValue(value: ParameterValue): Bound {
  if (typeof value === 'string') return [value, VARCHAR];
  if (typeof value === 'boolean') return [value, BOOLEAN];
  if (typeof value === 'number') return Number.isSafeInteger(value) ? [BigInt(value), BIGINT] : [value, DOUBLE];
  const items = value.map((item) => boundValue(item));
  return [listValue(items.map(([item]) => item)), LIST(items[0]?.[1] ?? VARCHAR)];
}

function kindOf(value: ParameterValue): string {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'number' ? 'a number' : 'a list';
}

function unknownParameter(detector: Detector, name: string): AppError {
  const known = detector.params.map((parameter) => parameter.name).join(', ');
  return invalid(
    detector,
    `unknown parameter ${name}; expected ${known === '' ? 'none: the detector has no parameters' : `one of ${known}`}`,
  );
}

function invalid({ id }: Detector, text: string): AppError {
  return new AppError('detector-invalid', `${id}: ${text}`, { facts: { detector: id } });
}
