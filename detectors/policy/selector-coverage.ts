/**
 * Which S3 data events a trail records, in a form in which two PutEventSelectors calls can be compared. Sources: AWS
 * "PutEventSelectors", "AdvancedFieldSelector" and "DataResource", CloudTrail API Reference.
 */
import { loggedObject, loggedObjects } from './logged-shapes.js';
import { field, readWriteOf, type ParsedSelector, type ReadWrite, type SelectorScope } from './trail-selector.js';
import { advancedSelector } from './advanced-selector.js';
import { basicSelector } from './basic-selector.js';

export interface SelectorCoverage {
  readonly includesManagement: boolean;
  /** Which management events; `None` without them. */
  readonly managementReadWrite: ReadWrite;
  /** Event sources that every selector of management events leaves out, such as `kms.amazonaws.com`; sorted. */
  readonly excludedManagementSources: readonly string[];
  /** Whether some selector takes the objects of all buckets, whatever else it filters. */
  readonly allBuckets: boolean;
  /** Which S3 data events, of all scopes together; `None` when no S3 data event is recorded. */
  readonly readWrite: ReadWrite;
  /** The ARN prefixes as they were written, sorted, without repeats; empty with `allBuckets` alone. */
  readonly arns: readonly string[];
  readonly scopes: readonly SelectorScope[];
}

/**
 * The coverage that the requestParameters of PutEventSelectors (object or JSON text) set. Null when the record holds no
 * selectors, so that nothing can be said. Never throws.
 */
export function coveredBySelectors(requestParameters: unknown): SelectorCoverage | null {
  const request = loggedObject(requestParameters);
  const basic = field(request, 'eventSelectors');
  const advanced = field(request, 'advancedEventSelectors');
  if (basic === undefined && advanced === undefined) return null;
  const selectors = [
    ...loggedObjects(basic).map((selector) => basicSelector(selector)),
    ...loggedObjects(advanced).map((selector) => advancedSelector(selector)),
  ];
  return coverageOf(selectors);
}

function coverageOf(selectors: readonly ParsedSelector[]): SelectorCoverage {
  const management = selectors.flatMap((selector) => selector.management ?? []);
  const scopes = selectors.flatMap((selector) => selector.scopes);
  return {
    includesManagement: management.length > 0,
    managementReadWrite: unionOf(management),
    excludedManagementSources: excludedByAll(selectors.filter((selector) => selector.management !== null)),
    allBuckets: scopes.some(({ arnPrefix }) => arnPrefix === ''),
    readWrite: unionOf(scopes.map(({ readWrite }) => readWrite)),
    arns: [...new Set(scopes.map(({ arnPrefix }) => arnPrefix).filter((prefix) => prefix !== ''))].sort(),
    scopes,
  };
}

function excludedByAll([first, ...others]: readonly ParsedSelector[]): string[] {
  const sources = new Set(first?.excludedSources);
  return [...sources].filter((source) => others.every((other) => other.excludedSources.includes(source))).sort();
}

function unionOf(parts: readonly ReadWrite[]): ReadWrite {
  const reads = parts.some((part) => part === 'All' || part === 'ReadOnly');
  const writes = parts.some((part) => part === 'All' || part === 'WriteOnly');
  return readWriteOf(reads, writes);
}

/**
 * Whether `next` leaves out some S3 data event that `previous` recorded: a bucket or prefix, reads or writes, or by a new
 * exclusion or filter. Management events are a matter of `includesManagement`. When in doubt about filters it says yes.
 */
export function isNarrower(next: SelectorCoverage, previous: SelectorCoverage): boolean {
  return previous.scopes.some((scope) =>
    halves(scope).some((half) => !next.scopes.some((other) => includesHalf(other, half))),
  );
}

/** Reads and writes are looked up one by one: two selectors may share the work. */
function halves(scope: SelectorScope): SelectorScope[] {
  if (scope.readWrite !== 'All') return scope.readWrite === 'None' ? [] : [scope];
  return [
    { ...scope, readWrite: 'ReadOnly' },
    { ...scope, readWrite: 'WriteOnly' },
  ];
}

function includesHalf(wide: SelectorScope, half: SelectorScope): boolean {
  const isWide =
    half.arnPrefix.startsWith(wide.arnPrefix) && (wide.readWrite === 'All' || wide.readWrite === half.readWrite);
  const leavesOutMore = wide.excluded.some(
    (prefix) => meets(prefix, half.arnPrefix) && !half.excluded.some((old) => prefix.startsWith(old)),
  );
  return isWide && !leavesOutMore && wide.filters.every((filter) => half.filters.includes(filter));
}

function meets(prefix: string, other: string): boolean {
  return prefix.startsWith(other) || other.startsWith(prefix);
}
