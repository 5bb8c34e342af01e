/**
 * Which rules of a lifecycle configuration delete objects, of what, and how soon. Source: AWS "Lifecycle configuration
 * elements", Amazon S3 User Guide.
 */
import { wholeNumber } from './bucket-protection.js';
import { firstText, loggedObject, loggedObjects, type LoggedObject } from './logged-shapes.js';

/** One way in which an enabled rule deletes objects: current versions, or versions that were replaced. */
export interface ExpiryRule {
  readonly id: string | null;
  readonly versions: 'current' | 'noncurrent';
  /** Age at which they go; null for a date. */
  readonly days: number | null;
  /** Microseconds since 1970 for a rule with a date; null for one with an age. */
  readonly dateUs: number | null;
  /** Newest replaced versions that stay whatever their age. */
  readonly keptVersions: number;
  /** Start of the keys; empty is every key. */
  readonly prefix: string;
  /** Tags and sizes that an object must have, as text; null for every object. */
  readonly condition: string | null;
  /** Whether only objects with certain tags go. A limit of size alone can mean every object. */
  readonly hasTags: boolean;
}

/**
 * The expiries of requestParameters (object or JSON text) of PutBucketLifecycle, in the order of the rules. Disabled rules,
 * transitions, expired delete markers and aborted uploads delete no data and are left out. Null when the record holds no
 * configuration, so that nothing can be said.
 */
export function expiryRules(requestParameters: unknown): readonly ExpiryRule[] | null {
  const configuration = loggedObject(loggedObject(requestParameters)?.['LifecycleConfiguration']);
  if (configuration === null) return null;
  return loggedObjects(configuration['Rule'])
    .filter((rule) => firstText(rule['Status'])?.toLowerCase() === 'enabled')
    .flatMap((rule) => [...currentExpiry(rule), ...noncurrentExpiry(rule)]);
}

function currentExpiry(rule: LoggedObject): ExpiryRule[] {
  return loggedObjects(rule['Expiration']).flatMap((expiration) => {
    const days = wholeNumber(expiration['Days']);
    const dateMs = Date.parse(firstText(expiration['Date']) ?? '');
    if (days === null && Number.isNaN(dateMs)) return [];
    const when = { days, dateUs: days === null ? dateMs * 1000 : null };
    return [{ id: firstText(rule['ID']), versions: 'current' as const, ...when, keptVersions: 0, ...scopeOf(rule) }];
  });
}

function noncurrentExpiry(rule: LoggedObject): ExpiryRule[] {
  return loggedObjects(rule['NoncurrentVersionExpiration']).flatMap((expiration) => {
    const days = wholeNumber(expiration['NoncurrentDays']);
    if (days === null) return [];
    const keptVersions = wholeNumber(expiration['NewerNoncurrentVersions']) ?? 0;
    const versions = 'noncurrent' as const;
    return [{ id: firstText(rule['ID']), versions, days, dateUs: null, keptVersions, ...scopeOf(rule) }];
  });
}

/** The prefix stands in the rule (old form), in Filter, or in Filter.And with the tags. */
function scopeOf(rule: LoggedObject): Pick<ExpiryRule, 'prefix' | 'condition' | 'hasTags'> {
  const filters = loggedObjects(rule['Filter']).flatMap((filter) => [filter, ...loggedObjects(filter['And'])]);
  const prefixes = [rule, ...filters].flatMap((holder) => firstText(holder['Prefix']) ?? []);
  const tags = filters.flatMap((filter) => loggedObjects(filter['Tag']));
  const conditions = [
    ...tags.map((tag) => `tag ${firstText(tag['Key']) ?? ''}=${firstText(tag['Value']) ?? ''}`),
    ...filters.flatMap((filter) =>
      (['ObjectSizeGreaterThan', 'ObjectSizeLessThan'] as const).flatMap((name) => {
        const size = firstText(filter[name]);
        return size === null ? [] : [`${name} ${size}`];
      }),
    ),
  ];
  const condition = conditions.length === 0 ? null : conditions.sort().join(', ');
  return { prefix: prefixes.find((prefix) => prefix !== '') ?? '', condition, hasTags: tags.length > 0 };
}

/** Whether everything that `narrow` deletes was subject to `wide` as well. */
export function coversExpiry(wide: ExpiryRule, narrow: ExpiryRule): boolean {
  return (
    wide.versions === narrow.versions &&
    wide.keptVersions <= narrow.keptVersions &&
    narrow.prefix.startsWith(wide.prefix) &&
    (wide.condition === null || wide.condition === narrow.condition)
  );
}

/** Days from a moment until the rule deletes what is written at that moment; a date in the past is 0. */
export function daysUntilExpiry({ days, dateUs }: ExpiryRule, momentUs: number): number {
  return days ?? Math.max(0, Math.ceil((dateUs! - momentUs) / 86_400_000_000));
}
