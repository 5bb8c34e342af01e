/** Decides what a text means in this lake: which of its readings is known here, and which names are the same principal. */
import type { DuckDBConnection } from '@duckdb/node-api';
import ipaddr from 'ipaddr.js';
import { AppError } from '../../config/app-error.js';
import { queryRows } from '../../store/duckdb.js';
import type { SubjectValues } from './conditions.js';
import { readingsOf, type Subject, type SubjectKind } from './subject.js';

/** What a finding says that it is about; times in milliseconds since 1970. */
export interface FindingFacts {
  readonly id: string;
  readonly detector: string;
  readonly severity: string;
  readonly state: string;
  readonly title: string;
  readonly description: string;
  readonly principal: string | null;
  readonly source_ip: string | null;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly first_event_at: Date;
  readonly last_event_at: Date;
}

/** The reading that was chosen. */
export interface ResolvedSubject {
  readonly given: Subject;
  readonly matched: SubjectValues;
  readonly finding: FindingFacts | null;
  /** Other readings that are known here too. */
  readonly others: readonly Subject[];
}

/** Throws `name-unknown` or `usage` when the text cannot be what `kind` asks for, or is the start of several ids. */
export async function resolveSubject(
  connection: DuckDBConnection,
  text: string,
  kind?: SubjectKind,
): Promise<ResolvedSubject> {
  const readings = readingsOf(text, kind);
  const known: ResolvedSubject[] = [];
  for (const given of readings) {
    const resolved = await lookUp(connection, given);
    if (resolved !== null) known.push(resolved);
  }
  const [chosen] = known;
  // Anything can be a user agent, so that reading is no news.
  const others = known.slice(1).filter(({ given }) => given.kind !== 'user-agent');
  if (chosen !== undefined) return { ...chosen, others: others.map(({ given }) => given) };
  if (readings[0]!.kind === 'finding') {
    if (readings.length === 1) throw noFinding(text);
    return { ...unknownTo(readings[1]!), others: [] };
  }
  return { ...unknownTo(readings[0]!), others: [] };
}

function noFinding(text: string): AppError {
  return new AppError(
    'name-unknown',
    `${text}: no finding has an id that begins so; "bucketwatch findings list" shows them all`,
  );
}

/** A reading whose value is looked for as it is. */
function unknownTo(given: Subject): ResolvedSubject {
  const { kind, value, key } = given;
  const matchedKind = kind === 'finding' ? 'user-agent' : kind;
  return { given, matched: { kind: matchedKind, values: [value], key }, finding: null, others: [] };
}

/** The reading with its values; null when nothing of that name is known here. */
async function lookUp(connection: DuckDBConnection, given: Subject): Promise<ResolvedSubject | null> {
  switch (given.kind) {
    case 'finding':
      return findingSubject(connection, given);
    case 'principal':
      return principalSubject(connection, given);
    case 'network':
      return networkSubject(connection, given);
    case 'bucket':
    case 'object':
      return (await isBucket(connection, given.value)) ? unknownTo(given) : null;
    default:
      return unknownTo(given);
  }
}

async function isBucket(connection: DuckDBConnection, bucket: string): Promise<boolean> {
  const rows = await queryRows(
    connection,
    `select 1 from read_parquet(getvariable('activity_files')) where bucket = $1
     union all
     select 1 from findings where bucket = $1
     limit 1`,
    [bucket],
  );
  return rows.length > 0;
}

async function principalSubject(connection: DuckDBConnection, given: Subject): Promise<ResolvedSubject | null> {
  const isThis = principalTest(given.value);
  const values = (await principalNames(connection)).filter(isThis);
  if (values.length > 0) return { ...unknownTo(given), matched: { kind: 'principal', values, key: null } };
  return null;
}

/** Every principal of the rollups, and of CloudTrail's records of other services, which have none. */
async function principalNames(connection: DuckDBConnection): Promise<string[]> {
  const rows = await queryRows<{ principal: string }>(
    connection,
    `select distinct principal
     from (
       select principal from read_parquet(getvariable('activity_files'))
       union all
       select principal from cloudtrail
     )
     where principal is not null
     order by principal`,
  );
  return rows.map(({ principal }) => principal);
}

/** Names are unique in their account whatever their path is; the lake has them without. */
function principalTest(text: string): (principal: string) => boolean {
  const wanted = /^(?:arn:[^:]*:iam::)?(?:(\d{12}):)?(?:(role|user|federated-user)\/)?([^:]*)$/.exec(text);
  const account = /^account:(\d{12})$/.exec(text)?.[1];
  return (principal) => {
    if (principal === text) return true;
    const [, ownAccount, type, name] =
      /^arn:[^:]*:(?:iam|sts)::(\d{12}):(role|user|federated-user)\/(.*)$/.exec(principal) ?? [];
    if (account !== undefined) return ownAccount === account || principal === `arn:aws:iam::${account}:root`;
    if (text.endsWith(':root')) return principal.endsWith(`::${text}`);
    if (wanted === null || name === undefined) return false;
    return (
      (wanted[1] === undefined || wanted[1] === ownAccount) &&
      (wanted[2] === undefined || wanted[2] === type) &&
      lastPart(wanted[3]!) === lastPart(name)
    );
  };
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Networks as wide as those of the lake are matched by them, narrower ones by the addresses in them. */
async function networkSubject(connection: DuckDBConnection, given: Subject): Promise<ResolvedSubject | null> {
  if (!ipaddr.isValidCIDR(given.value))
    throw new AppError('usage', `${given.value}: is not a network; expected one such as 198.51.100.0/24`);
  const wanted = ipaddr.parseCIDR(given.value);
  const [first, bits] = wanted;
  const networks = await distinct(connection, 'network');
  if (bits <= (first.kind() === 'ipv4' ? 24 : 48)) {
    const values = networks.filter((network) => isWithin(network.split('/')[0]!, wanted));
    return values.length === 0 ? null : matchedBy('network', values);
  }
  const around = networks.filter((network) => ipaddr.isValidCIDR(network) && isIn(first, ipaddr.parseCIDR(network)));
  const addresses = around.length === 0 ? [] : await distinct(connection, 'address');
  const values = addresses.filter((address) => isWithin(address, wanted));
  return values.length === 0 ? null : matchedBy('addresses', values);

  function matchedBy(kind: 'network' | 'addresses', values: readonly string[]): ResolvedSubject {
    return { ...unknownTo(given), matched: { kind, values, key: null } };
  }
}

type Network = ReturnType<typeof ipaddr.parseCIDR>;

function isWithin(address: string, network: Network): boolean {
  return ipaddr.isValid(address) && isIn(ipaddr.parse(address), network);
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, [first, bits]: Network): boolean {
  return address.kind() === first.kind() && address.match(first, bits);
}

async function distinct(connection: DuckDBConnection, what: 'network' | 'address'): Promise<string[]> {
  const sql = {
    network: 'select source_network as found from s3_access_log union select source_network from cloudtrail',
    address: 'select remote_ip as found from s3_access_log union select source_ip_address from cloudtrail',
  };
  const rows = await queryRows<{ found: string | null }>(connection, sql[what]);
  return rows.flatMap(({ found }) => (found === null ? [] : [found])).sort();
}

async function findingSubject(connection: DuckDBConnection, given: Subject): Promise<ResolvedSubject | null> {
  const rows = await queryRows<FindingFacts>(
    connection,
    `select id, detector, severity, state, title, json_extract_string(body, '$.description') as description,
       principal, source_ip, bucket, "key", first_event_at, last_event_at
     from findings
     where starts_with(id, $1)
     order by id
     limit 6`,
    [given.value],
  );
  if (rows.length > 1)
    throw new AppError(
      'name-unknown',
      `${given.value}: is the start of several ids of findings; expected one of ${rows.map(({ id }) => id.slice(0, given.value.length + 6)).join(', ')}`,
    );
  const [finding] = rows;
  return finding === undefined ? null : { given, matched: matchedOf(finding), finding, others: [] };
}

/** What a finding is followed by: who did it, unless that is nobody in particular; else the address, the object, the bucket. */
function matchedOf({ principal, source_ip, bucket, key }: FindingFacts): SubjectValues {
  if (principal !== null && !/^(?:anonymous|unauthenticated|service:.*)$/.test(principal))
    return { kind: 'principal', values: [principal], key: null };
  if (source_ip !== null) return { kind: 'ip', values: [source_ip], key: null };
  if (bucket !== null && key !== null) return { kind: 'object', values: [bucket], key };
  if (bucket !== null) return { kind: 'bucket', values: [bucket], key: null };
  return { kind: 'principal', values: [principal ?? ''], key: null };
}
