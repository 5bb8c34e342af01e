/** Who or what a subject is: from its name, from the config, and from the sums of its events. */
import ipaddr from 'ipaddr.js';
import { matchesName } from '../../config/name-pattern.js';
import type { BucketLists, InvestigateOptions } from './investigate.js';
import type { NarrowedEvents } from './narrow.js';
import type { ResolvedSubject } from './resolve.js';
import type { SectionRow } from './sections.js';

/** A line about the subject; `unit` says how a number is meant. */
export interface Fact {
  readonly label: string;
  readonly value: string | number;
  readonly unit: 'bytes' | 'count' | 'time' | null;
}

interface Known {
  readonly resolved: ResolvedSubject;
  readonly summary: SectionRow;
  readonly found: NarrowedEvents;
  readonly config: InvestigateOptions['config'];
  readonly principals: readonly SectionRow[];
}

export function factsOf(known: Known): Fact[] {
  return [...identity(known), ...sums(known)];
}

const text = (label: string, value: string | null): Fact[] => (value === null ? [] : [{ label, value, unit: null }]);

function identity(known: Known): Fact[] {
  const { kind, values, key } = known.resolved.matched;
  const [value = ''] = values;
  switch (kind) {
    case 'principal':
    case 'session':
      return [
        ...text('principal', values.join(', ')),
        ...text('type', principalType(value)),
        ...text('account', accountText(value, known)),
      ];
    case 'ip':
      return [...text('address', value), ...text('network', networkText(value, known)), ...who(known)];
    case 'network':
    case 'addresses':
      return [...text('network', known.resolved.given.value), ...who(known)];
    case 'bucket':
      return [...text('bucket', value), ...text('config', bucketText(value, known.config))];
    case 'object':
      return [
        ...text('bucket', value),
        ...text('key', key),
        ...text('config', bucketText(value, known.config, key)),
        ...who(known),
      ];
    case 'access-key':
      return [
        ...text('access key', value),
        ...text('type', value.startsWith('ASIA') ? 'temporary, of a session' : 'long-term, of a user'),
        ...who(known),
      ];
    default:
      return [...text(kind.replace('-', ' '), value), ...who(known)];
  }
}

const time = (label: string, ms: number | null): Fact[] =>
  ms === null ? [] : [{ label, value: new Date(ms).toISOString(), unit: 'time' }];

function sums({ summary, found }: Known): Fact[] {
  const count = (label: string, name: string): Fact => ({ label, value: Number(summary[name]), unit: 'count' });
  const exact = (label: string, name: string): Fact[] =>
    summary[name] === null ? [] : [{ label, value: String(summary[name]), unit: 'time' }];
  return [
    ...(found.isCut ? time('first seen', found.firstHourMs) : []),
    ...exact(found.isCut ? 'first looked at' : 'first in the period', 'first_at'),
    ...exact('last', 'last_at'),
    count('requests', 'requests'),
    count('failed', 'failed'),
    { label: 'bytes out', value: Number(summary['bytes_out']), unit: 'bytes' },
    { label: 'bytes in', value: Number(summary['bytes_in']), unit: 'bytes' },
    count('active days', 'active_days'),
    count('buckets', 'buckets'),
    count('principals', 'principals'),
    count('addresses', 'addresses'),
    count('networks', 'networks'),
    count('access keys', 'access_keys'),
  ];
}

/** The first principals that used it. */
function who({ principals }: Known): Fact[] {
  const names = principals.slice(0, 3).map((row) => String(row['principal']));
  const more = principals.length > 3 ? ` and ${principals.length - 3} more` : '';
  return names.length === 0 ? [] : text('used by', `${names.join(', ')}${more}`);
}

const principalTypes: readonly (readonly [RegExp, string])[] = [
  [/:assumed-role\//, 'session of a role'],
  [/:role\//, 'role'],
  [/^arn:aws:iam::cloudfront:user\/|^cloudfront:/, 'CloudFront origin access identity'],
  [/:user\//, 'user'],
  [/:root$/, 'root of an account'],
  [/:federated-user\//, 'federated user'],
  [/^service:/, 'AWS service'],
  [/^account:/, 'another account, which the log names without its principal'],
  [/^canonical:/, 'canonical id of an account'],
  [/^anonymous$/, 'anybody, without a signature'],
  [/^unauthenticated$/, 'signatures that failed'],
];

function principalType(principal: string): string {
  return principalTypes.find(([pattern]) => pattern.test(principal))?.[1] ?? 'unknown';
}

function accountText(principal: string, { config }: Known): string | null {
  const id = /^account:(\d{12})$|^arn:[^:]*:[^:]*::(\d{12}):/.exec(principal);
  const account = id?.[1] ?? id?.[2];
  if (account === undefined) return null;
  if (config.accounts.own.includes(account)) return `${account} (own)`;
  return config.accounts.trusted.includes(account) ? `${account} (trusted)` : account;
}

function networkText(address: string, { config }: Known): string | null {
  if (!ipaddr.isValid(address)) return null;
  const parsed = ipaddr.parse(address);
  const trusted = config.networks.trusted.find((network) => {
    const [first, bits] = ipaddr.parseCIDR(network);
    return first.kind() === parsed.kind() && parsed.match(first, bits);
  });
  const range = parsed.range() === 'unicast' ? 'public' : parsed.range();
  return trusted === undefined
    ? `${range}, not among the trusted networks of the config`
    : `${range}, trusted as ${trusted}`;
}

const listNames: Readonly<Record<keyof BucketLists, string>> = {
  logBuckets: 'a log bucket',
  publicBuckets: 'public on purpose',
  cloudfrontOnly: 'for CloudFront only',
  tlsOnly: 'for TLS only',
  vpcEndpointRequired: 'for a VPC endpoint only',
  sensitive: 'sensitive',
  canaries: 'a canary',
};

function bucketText(bucket: string, config: BucketLists, key: string | null = null): string | null {
  const names = (Object.keys(listNames) as (keyof BucketLists)[]).filter((list) =>
    (config[list] ?? []).some((pattern) => isNamed(pattern, bucket, key)),
  );
  return names.length === 0 ? null : names.map((name) => listNames[name]).join(', ');
}

/** Entries are buckets, or buckets with a prefix of keys. */
function isNamed(pattern: string, bucket: string, key: string | null): boolean {
  if (!pattern.includes('/')) return matchesName(pattern, bucket);
  return key !== null && matchesName(pattern, `${bucket}/${key}`);
}
