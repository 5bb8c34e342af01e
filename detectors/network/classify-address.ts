/** Where an address can be: on the internet, or only inside some network. Ranges: IANA special-purpose registries, by ipaddr.js 2.5. */
import { parseAddress, type Address, type Family } from './address.js';

/**
 * `global`: reachable from anywhere, also tunnels (6to4, Teredo) and translated IPv4. `private`: RFC 1918 and unique local.
 * `shared`: carrier-grade NAT, 100.64.0.0/10. `reserved`: anything that should never be seen as a source.
 */
export type AddressScope =
  | 'global'
  | 'private'
  | 'shared'
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'unspecified'
  | 'reserved';

export interface ClassifiedAddress {
  /** In the shortest usual form; IPv4-mapped IPv6 as IPv4. */
  readonly address: string;
  readonly family: Family;
  readonly scope: AddressScope;
}

const scopes = new Map<string, AddressScope>([
  ['private', 'private'],
  ['uniqueLocal', 'private'],
  ['deprecatedSiteLocal', 'private'],
  ['carrierGradeNat', 'shared'],
  ['loopback', 'loopback'],
  ['linkLocal', 'link-local'],
  ['multicast', 'multicast'],
  ['unspecified', 'unspecified'],
  ['broadcast', 'reserved'],
  ['reserved', 'reserved'],
  ['discard', 'reserved'],
  ['benchmarking', 'reserved'],
]);

/** RFC 5737, 3849 and 9637. ipaddr.js calls them reserved. */
const documentation = [/^192\.0\.2\./, /^198\.51\.100\./, /^203\.0\.113\./, /^2001:db8:/, /^3fff:[0-9a-f]{0,3}:/];

/**
 * Classifies an address; null for what is none. Documentation ranges count as **global**: all identities of our fixtures and
 * demos come from them (STYLE.md), and nothing real ever does.
 */
export function classifyAddress(ip: string): ClassifiedAddress | null {
  const address = parseAddress(ip);
  if (address === null) return null;
  return { address: address.toString(), family: address.kind(), scope: scopeOf(address) };
}

function scopeOf(address: Address): AddressScope {
  const text = address.toString();
  if (documentation.some((range) => range.test(text))) return 'global';
  return scopes.get(address.range()) ?? 'global';
}
