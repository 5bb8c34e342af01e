/** The network that stands for an address in baselines: people change their address within it every day. */
import ipaddr from 'ipaddr.js';
import { parseAddress } from './address.js';

/** What one customer of a provider commonly gets: a /24 of IPv4, a /48 of IPv6 (RFC 6177). */
const networkBits = { ipv4: 24, ipv6: 48 } as const;

/**
 * The /24 or /48 of an address, such as `192.0.2.0/24` or `2001:db8:7::/48`; IPv4-mapped IPv6 counts as IPv4. Null for what
 * is not an address: service DNS names, `AWS Internal`, `-`.
 */
export function networkOf(ip: string): string | null {
  const address = parseAddress(ip);
  if (address === null) return null;
  const bits = networkBits[address.kind()];
  const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${family.networkAddressFromCIDR(`${address.toString()}/${bits}`).toString()}/${bits}`;
}
