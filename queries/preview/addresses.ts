/**
 * Which kind of address a request came from. DuckDB has no address arithmetic here, so every address of the period is
 * looked at once, and joined back as the table preview_addresses.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import ipaddr from 'ipaddr.js';
import { queryRows } from '../../store/duckdb.js';

/** `private` came through a VPC endpoint: nothing else reaches S3 from such an address. `none` is no address. */
type AddressKind = 'allowed' | 'outside' | 'private' | 'none';

const privateRanges: ReadonlySet<string> = new Set([
  'private',
  'carrierGradeNat',
  'uniqueLocal',
  'linkLocal',
  'loopback',
]);

type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Whether no request can have such an address as its aws:SourceIp. */
export function isPrivate(address: string): boolean {
  return isWrittenOut(address) && privateRanges.has(ipaddr.process(address).range());
}

/** Service names, `AWS Internal` and short forms such as `10.1` are no addresses. */
function isWrittenOut(text: string): boolean {
  if (text.includes(':')) return text.length <= 45 && ipaddr.IPv6.isValid(text);
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

function kindOf(text: string, networks: readonly Network[]): AddressKind {
  if (!isWrittenOut(text)) return 'none';
  const address = ipaddr.process(text);
  if (privateRanges.has(address.range())) return 'private';
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
    ? 'allowed'
    : 'outside';
}

/** Fills preview_addresses from both logs. */
export async function classifyAddresses(connection: DuckDBConnection, allowed: readonly string[]): Promise<void> {
  const networks = allowed.map((cidr): Network => ipaddr.parseCIDR(cidr));
  const rows = await queryRows<{ address: string }>(
    connection,
    `select remote_ip as address from preview_log where remote_ip is not null
     union
     select source_ip from preview_trail where source_ip is not null`,
  );
  const addresses = rows.map(({ address }) => ({ address, kind: kindOf(address, networks) }));
  await connection.run(
    `create or replace temp table preview_addresses as
     select unnest(from_json($1, '[{"address": "varchar", "kind": "varchar"}]'), recursive := true)`,
    [JSON.stringify(addresses)],
  );
}
