/**
 * The tables `networks`, `threat_addresses` and `past_networks`: the addresses of the window, whose they are, which lists name
 * them, and which networks of the history are ours.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, DuckDBTimestampValue, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows } from '../../store/duckdb.js';
import { classifyAddress } from '../network/classify-address.js';
import { createNetworkSet } from '../network/network-set.js';
import { surroundingsOf, type LoadedThreatList, type Surroundings } from './surroundings.js';

/** The network is the lake's own, so it is spelled as in `sightings`. */
const addressesSql = `
select source_ip, source_network as network
from (
  select source_ip, source_network from s3_events
  union
  select source_ip, source_network from window_names
)
where source_ip is not null
order by source_ip
`;

/** Networks that principals came from; anonymous callers are not among them. */
const pastNetworksSql = `
select distinct value as network
from sightings
where dimension = 'principal-network'
order by value
`;

interface SeenAddress {
  readonly source_ip: string;
  readonly network: string | null;
}

/**
 * Creates `networks(source_ip, network, is_trusted, is_global, is_aws, country, asn, as_organization)`, a row an address of
 * the window, and `threat_addresses(source_ip, list_kind, list_name, listed_from, listed_until)`, a row an address and a list
 * that names it. What is no address (service names, `AWS Internal`) has a null network and is neither trusted nor global.
 * `is_aws` is null when no file says what AWS's addresses are; country and operator are null without a database.
 * `past_networks(network, is_outside)` has the networks of `sightings` when trusted ones are configured, else no rows: outside is
 * what is on the internet and has no address of a trusted network.
 */
export async function createAddressFacts(connection: DuckDBConnection, config: FileConfig): Promise<void> {
  const seen = await queryRows<SeenAddress>(connection, addressesSql);
  const surroundings = await surroundingsOf(config);
  await connection.run(`
    create or replace temp table networks (
      source_ip varchar, network varchar, is_trusted boolean, is_global boolean, is_aws boolean, country varchar, asn bigint,
      as_organization varchar
    )`);
  await appendTempRows(connection, 'networks', networkColumns(config, surroundings), seen);
  await connection.run(`
    create or replace temp table threat_addresses (
      source_ip varchar, list_kind varchar, list_name varchar, listed_from timestamp, listed_until timestamp
    )`);
  await appendTempRows(connection, 'threat_addresses', listedColumns, listedAddresses(seen, surroundings.threatLists));
  await createPastNetworks(connection, config);
}

async function createPastNetworks(connection: DuckDBConnection, { networks }: FileConfig): Promise<void> {
  await connection.run('create or replace temp table past_networks (network varchar, is_outside boolean)');
  if (networks.trusted.length === 0) return;
  const trusted = createNetworkSet(networks.trusted);
  const past = await queryRows<{ network: string }>(connection, pastNetworksSql);
  const isOutside = (network: string): boolean => isGlobal(network.split('/', 1)[0]!) && !trusted.overlaps(network);
  const columns: AppendColumn<{ network: string }>[] = [
    { type: VARCHAR, value: ({ network }) => network },
    { type: BOOLEAN, value: ({ network }) => isOutside(network) },
  ];
  await appendTempRows(connection, 'past_networks', columns, past);
}

function networkColumns(
  config: FileConfig,
  { awsRanges, locations }: Pick<Surroundings, 'awsRanges' | 'locations'>,
): AppendColumn<SeenAddress>[] {
  const trusted = createNetworkSet(config.networks.trusted);
  /** Databases refuse what is no address. */
  const operator = ({ source_ip }: SeenAddress) => (isGlobal(source_ip) ? locations.operatorOf(source_ip) : null);
  return [
    { type: VARCHAR, value: ({ source_ip }) => source_ip },
    { type: VARCHAR, value: ({ network }) => network },
    { type: BOOLEAN, value: ({ source_ip }) => trusted.has(source_ip) },
    { type: BOOLEAN, value: ({ source_ip }) => isGlobal(source_ip) },
    { type: BOOLEAN, value: ({ source_ip }) => awsRanges?.has(source_ip) ?? null },
    { type: VARCHAR, value: ({ source_ip }) => (isGlobal(source_ip) ? locations.countryOf(source_ip) : null) },
    { type: BIGINT, value: (address) => bigintOrNull(operator(address)?.asn) },
    { type: VARCHAR, value: (address) => operator(address)?.organization ?? null },
  ];
}

function isGlobal(ip: string): boolean {
  return classifyAddress(ip)?.scope === 'global';
}

function bigintOrNull(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}

interface ListedAddress {
  readonly sourceIp: string;
  readonly list: LoadedThreatList;
}

/** Only the addresses of the window are looked up, so that a long list costs no more than a short one. */
function listedAddresses(seen: readonly SeenAddress[], lists: readonly LoadedThreatList[]): ListedAddress[] {
  return seen.flatMap(({ source_ip: sourceIp }) =>
    lists.filter(({ networks }) => networks.has(sourceIp)).map((list) => ({ sourceIp, list })),
  );
}

const listedColumns: readonly AppendColumn<ListedAddress>[] = [
  { type: VARCHAR, value: ({ sourceIp }) => sourceIp },
  { type: VARCHAR, value: ({ list }) => list.kind },
  { type: VARCHAR, value: ({ list }) => list.name },
  { type: TIMESTAMP, value: ({ list }) => timestamp(list.fromMs) },
  { type: TIMESTAMP, value: ({ list }) => timestamp(list.toMs) },
];

function timestamp(ms: number | null): DuckDBTimestampValue | null {
  return ms === null ? null : new DuckDBTimestampValue(BigInt(ms) * 1000n);
}
