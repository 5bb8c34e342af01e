/** A detector as its file describes it: facts of the header beside the query. The words are those of the header's keys. */
import type { matchFields } from '../../config/schema.js';
import type { Severity } from '../../config/severity.js';

/** The logs that a detector looks at; `findings` are those of other detectors, and stand alone. */
export const detectorSources = ['access_log', 'cloudtrail_data', 'cloudtrail_management', 'findings'] as const;
export type DetectorSource = (typeof detectorSources)[number];

/** The tactics of MITRE ATT&CK for Enterprise, v18.1, as their short names are written. */
export const tactics = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'defense-evasion',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'impact',
] as const;
export type Tactic = (typeof tactics)[number];

/** Keys of the config without which some detectors find nothing. */
export const detectorNeeds = [
  'accounts.trusted',
  'networks.trusted',
  'business_hours',
  'threat_lists of kind custom',
  'threat_lists of kind threat',
  'threat_lists of kind tor',
] as const;
export type DetectorNeed = (typeof detectorNeeds)[number];

/** What a parameter can be; every item of a list has one type. */
export type ParameterDefault = number | string | boolean | readonly (number | string | boolean)[];

export interface DetectorParameter {
  /** As the query says it behind `$`. */
  readonly name: string;
  readonly default: ParameterDefault;
  /** Such as `days`, `bytes`, `requests an hour`; null for what has none (names, switches). */
  readonly unit: string | null;
  readonly description: string;
}

export interface Detector {
  /** The file's name without `.sql`; it completes "alert on …". */
  readonly id: string;
  /** Raised when the same data would give other findings. */
  readonly version: number;
  readonly title: string;
  readonly severity: Severity;
  /** When a finding's severity is another than `severity`; a sentence each. */
  readonly severityRules: readonly string[];
  /** The name of the folder. */
  readonly family: string;
  readonly sources: readonly DetectorSource[];
  readonly tactic: Tactic | null;
  /** Technique ids of ATT&CK v18.1, such as `T1562.008`. */
  readonly mitre: readonly string[];
  /** Hour or day (UTC): what one row of the query is about. */
  readonly window: 'hour' | 'day';
  /** The columns of a row that say who or what the finding is about; together with the window they are its identity. */
  readonly entity: readonly (typeof matchFields)[number][];
  /** Whether it stays quiet until enough history is there. */
  readonly needsLearning: boolean;
  /** What is learned, in a sentence; null when the description says it. */
  readonly learns: string | null;
  /** What the config must have for it to find anything; null for most. */
  readonly needs: DetectorNeed | null;
  /** Whether it runs when the config says nothing. */
  readonly enabled: boolean;
  /** In the order of the header. */
  readonly params: readonly DetectorParameter[];
  readonly description: string;
  readonly falsePositives: readonly string[];
  readonly knownGaps: readonly string[];
  /** First triage steps; `<bucket>`, `<principal>` and the like stand for values of the finding. */
  readonly nextSteps: readonly string[];
  readonly references: readonly string[];
  /** One SQL query, without the header. */
  readonly query: string;
  /** The file, as it was given. */
  readonly path: string;
}
