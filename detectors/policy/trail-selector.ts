/** What the two kinds of event selectors of a trail have in common, and how their fields are named in logs. */
import type { LoggedObject } from './logged-shapes.js';

export type ReadWrite = 'All' | 'ReadOnly' | 'WriteOnly' | 'None';

/** What one selector adds: the union of all scopes is recorded. */
export interface SelectorScope {
  /** Start of the ARNs that are recorded; `""` is every object of every bucket. */
  readonly arnPrefix: string;
  readonly readWrite: ReadWrite;
  /** ARN prefixes that are left out again. */
  readonly excluded: readonly string[];
  /** Further filters (event names, callers, exact ARNs …) as text; any of them leaves something out. */
  readonly filters: readonly string[];
}

/** What one selector says; management null is a selector that is not about management events. */
export interface ParsedSelector {
  readonly management: ReadWrite | null;
  /** Event sources whose management events it leaves out, such as `kms.amazonaws.com`. */
  readonly excludedSources: readonly string[];
  readonly scopes: readonly SelectorScope[];
}

/** CloudTrail writes its own parameters in camel case; requests copied from the CLI are in Pascal case. */
export function field(holder: LoggedObject | null, name: string): unknown {
  return holder?.[name] ?? holder?.[name[0]!.toUpperCase() + name.slice(1)] ?? undefined;
}

/** The word of the CloudTrail API for a pair of flags. */
export function readWriteOf(reads: boolean, writes: boolean): ReadWrite {
  if (reads && writes) return 'All';
  if (reads) return 'ReadOnly';
  return writes ? 'WriteOnly' : 'None';
}
