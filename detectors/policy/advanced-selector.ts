/** One entry of `advancedEventSelectors`: field selectors, all of which an event must meet. */
import { arnPrefix } from './basic-selector.js';
import { firstText, loggedObjects, texts, type LoggedObject } from './logged-shapes.js';
import { field, readWriteOf, type ParsedSelector, type ReadWrite } from './trail-selector.js';

/** One field selector: within an operator one value is enough, `not…` operators must hold for all values. */
interface FieldSelector {
  readonly field: string;
  readonly operators: ReadonlyMap<string, readonly string[]>;
}

const operators = ['equals', 'startsWith', 'endsWith', 'notEquals', 'notStartsWith', 'notEndsWith'] as const;

/** Fields that are read here; every other field is a filter. */
const knownFields = new Set(['eventCategory', 'resources.type', 'resources.ARN', 'readOnly']);

/** Reads an advanced selector. */
export function advancedSelector(selector: LoggedObject): ParsedSelector {
  const fields = loggedObjects(field(selector, 'fieldSelectors')).flatMap((one) => fieldSelector(one) ?? []);
  const readWrite = readWriteIn(fields);
  if (!takes(fields, 'eventCategory', 'Data')) return managementSelector(fields, readWrite);
  if (!takes(fields, 'resources.type', 'AWS::S3::Object')) return { management: null, excludedSources: [], scopes: [] };
  const filters = [...fields.filter((one) => !knownFields.has(one.field)).map(written), ...arnFilters(fields)].sort();
  const excluded = [
    ...valuesOf(fields, 'resources.ARN', 'notStartsWith'),
    ...valuesOf(fields, 'resources.ARN', 'notEquals'),
  ];
  return {
    management: null,
    excludedSources: [],
    scopes: arnPrefixes(fields).map((prefix) => ({ arnPrefix: prefix, readWrite, excluded, filters })),
  };
}

function managementSelector(fields: readonly FieldSelector[], readWrite: ReadWrite): ParsedSelector {
  const management = takes(fields, 'eventCategory', 'Management') ? readWrite : null;
  return {
    management,
    excludedSources: management === null ? [] : valuesOf(fields, 'eventSource', 'notEquals'),
    scopes: [],
  };
}

function fieldSelector(object: LoggedObject): FieldSelector | null {
  const name = firstText(field(object, 'field'));
  if (name === null) return null;
  const given = operators.map((operator) => [operator, texts(field(object, operator))] as const);
  return { field: name, operators: new Map(given.filter(([, values]) => values.length > 0)) };
}

function valuesOf(fields: readonly FieldSelector[], name: string, operator: (typeof operators)[number]): string[] {
  return fields.filter((one) => one.field === name).flatMap((one) => one.operators.get(operator) ?? []);
}

/** Whether the value passes every selector of the field; a field that is not selected on passes. */
function takes(fields: readonly FieldSelector[], name: string, value: string): boolean {
  return fields
    .filter((one) => one.field === name)
    .every((one) => [...one.operators].every(([operator, values]) => passes(operator, values, value)));
}

function passes(operator: string, values: readonly string[], value: string): boolean {
  const isNegated = operator.startsWith('not');
  const plain = operator.replace(/^not/, '').toLowerCase();
  const isMet = values.some((one) => {
    if (plain === 'startswith') return value.startsWith(one);
    return plain === 'endswith' ? value.endsWith(one) : value === one;
  });
  return isMet !== isNegated;
}

function readWriteIn(fields: readonly FieldSelector[]): ReadWrite {
  return readWriteOf(takes(fields, 'readOnly', 'true'), takes(fields, 'readOnly', 'false'));
}

/** The starts of the recorded ARNs. Exact ARNs count as starts: what narrows them is said by a filter. */
function arnPrefixes(fields: readonly FieldSelector[]): string[] {
  const given = [...valuesOf(fields, 'resources.ARN', 'startsWith'), ...valuesOf(fields, 'resources.ARN', 'equals')];
  return given.length === 0 ? [''] : given.map((value) => arnPrefix(value));
}

function arnFilters(fields: readonly FieldSelector[]): string[] {
  return (['equals', 'endsWith', 'notEndsWith'] as const).flatMap((operator) => {
    const values = valuesOf(fields, 'resources.ARN', operator);
    return values.length === 0 ? [] : [`resources.ARN ${operator} ${values.sort().join(', ')}`];
  });
}

function written({ field: name, operators: given }: FieldSelector): string {
  return `${name} ${[...given].map(([operator, values]) => `${operator} ${[...values].sort().join(', ')}`).join(' and ')}`;
}
