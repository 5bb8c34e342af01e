/**
 * Membership of an address in thousands of networks: merged ranges and a binary search, so a lookup costs the same for
 * trusted networks of three lines and for a threat list of 100,000.
 */
import { numberOf, parseAddress } from './address.js';
import { addressRange, mergedSpans, type AddressRange, type Span } from './ranges.js';

export interface NetworkSet {
  /** How many separate runs of addresses the set holds, after merging. */
  readonly size: number;
  /** Whether the address is in one of the networks; false for what is not an address (service names, `AWS Internal`). */
  has(ip: string): boolean;
  /** Whether the set and a network have an address in common; false for what is no network. */
  overlaps(network: string): boolean;
}

/**
 * A set of CIDRs and addresses, IPv4 and IPv6 mixed. Throws a RangeError on an entry that is neither: entries come from the
 * config or from `parseThreatList`, which have checked them and know the line.
 */
export function createNetworkSet(networks: Iterable<string>): NetworkSet {
  const ranges = Array.from(networks, (network) => checkedRange(network));
  const v4 = searchable(mergedSpans(ranges, 'ipv4'), Number);
  const v6 = searchable(mergedSpans(ranges, 'ipv6'), (value) => value);
  return {
    size: v4.firsts.length + v6.firsts.length,
    has(ip) {
      const address = parseAddress(ip);
      if (address === null) return false;
      return address.kind() === 'ipv4' ? holds(v4, Number(numberOf(address))) : holds(v6, numberOf(address));
    },
    overlaps(network) {
      const range = addressRange(network);
      if (range === null) return false;
      const { family, first, last } = range;
      return family === 'ipv4' ? meets(v4, Number(first), Number(last)) : meets(v6, first, last);
    },
  };
}

function checkedRange(network: string): AddressRange {
  const range = addressRange(network);
  if (range === null)
    throw new RangeError(`${JSON.stringify(network)} is not a network; expected a CIDR or an address`);
  return range;
}

interface Searchable<N> {
  readonly firsts: readonly N[];
  readonly lasts: readonly N[];
}

function searchable<N>(spans: readonly Span[], toNumber: (value: bigint) => N): Searchable<N> {
  return { firsts: spans.map(([first]) => toNumber(first)), lasts: spans.map(([, last]) => toNumber(last)) };
}

function holds<N extends number | bigint>(spans: Searchable<N>, wanted: N): boolean {
  return meets(spans, wanted, wanted);
}

/** Whether a span has a number of [first, last]: only the last one that starts at or before `last` can. */
function meets<N extends number | bigint>({ firsts, lasts }: Searchable<N>, first: N, last: N): boolean {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (firsts[middle]! <= last) low = middle + 1;
    else high = middle;
  }
  return low > 0 && lasts[low - 1]! >= first;
}
