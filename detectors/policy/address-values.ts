/** Whether the CIDRs of a condition leave room for strangers. */
import { addressRange, coversFamily } from '../network/ranges.js';
import { classifyAddress } from '../network/classify-address.js';
import type { Condition } from './condition.js';
import type { Reach } from './condition-match.js';

/**
 * Wider than these is public: AWS "Blocking public access: the meaning of public" evaluates aws:SourceIp
 * broader than /8 (IPv4) and /32 (IPv6) as public, except private ranges.
 */
const widestBits = { ipv4: 8, ipv6: 32 } as const;

/**
 * How far the values reach among the addresses of strangers. Many CIDRs that cover a family together reach it as `/0`
 * does; `always` needs both families, for a stranger may come over either.
 */
export function reachOfAddresses(values: readonly string[], comparison: Condition['comparison']): Reach {
  if (comparison !== 'address')
    return comparison === 'like' && values.some((value) => /^[*?.:]+$/.test(value)) ? 'always' : 'never';
  if (values.some((value) => value.trim() === '*' || value.includes('${'))) return 'always';
  const ranges = values.flatMap((value) => addressRange(value) ?? []);
  const coversV4 = coversFamily(ranges, 'ipv4');
  const coversV6 = coversFamily(ranges, 'ipv6');
  if (coversV4 && coversV6) return 'always';
  return coversV4 || coversV6 || values.some((value) => isWide(value)) ? 'maybe' : 'never';
}

function isWide(value: string): boolean {
  const range = addressRange(value);
  if (range === null || range.bits >= widestBits[range.family]) return false;
  return classifyAddress(range.writtenAddress)?.scope !== 'private';
}
