/** Networks as ranges of numbers, merged: what coverage and membership are answered from. */
import { numberOf, parseAddress, type Family } from './address.js';

/** A CIDR or one address. `first` and `last` are numbers of the family, both included. */
export interface AddressRange {
  readonly family: Family;
  /** Prefix length: 0–32 or 0–128; a single address has all bits. */
  readonly bits: number;
  /** As written, in its usual form; it may have host bits. */
  readonly writtenAddress: string;
  readonly first: bigint;
  readonly last: bigint;
}

/** Bits of an address. */
export const widths = { ipv4: 32, ipv6: 128 } as const;

/** `::ffff:0:0/96` holds the IPv4 addresses, so a CIDR in it is one of IPv4 with 96 bits less. */
const mappedBits = 96;

/** A CIDR or an address as a range, host bits ignored; null when the text is neither. */
export function addressRange(text: string): AddressRange | null {
  const [written, length, ...rest] = text.trim().split('/');
  const address = parseAddress(written!);
  if (address === null || rest.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return null;
  const family = address.kind();
  const isMapped = family === 'ipv4' && written!.includes(':');
  const bits = length === undefined ? widths[family] : Number(length) - (isMapped ? mappedBits : 0);
  if (bits < 0 || bits > widths[family]) return null;
  const hostBits = BigInt(widths[family] - bits);
  const first = (numberOf(address) >> hostBits) << hostBits;
  return { family, bits, writtenAddress: address.toString(), first, last: first + (1n << hostBits) - 1n };
}

/** First and last number of a run of addresses. */
export type Span = readonly [first: bigint, last: bigint];

/** The ranges of one family, sorted, with neighbours and overlaps as one. */
export function mergedSpans(ranges: Iterable<AddressRange>, family: Family): Span[] {
  const sorted = [...ranges].filter((range) => range.family === family).sort((a, b) => compare(a.first, b.first));
  const spans: [bigint, bigint][] = [];
  for (const { first, last } of sorted) {
    const open = spans.at(-1);
    if (open === undefined || first > open[1] + 1n) spans.push([first, last]);
    else if (last > open[1]) open[1] = last;
  }
  return spans;
}

/** Whether the ranges together hold every address of the family, as `0.0.0.0/1` and `128.0.0.0/1` do. */
export function coversFamily(ranges: Iterable<AddressRange>, family: Family): boolean {
  const [only, ...others] = mergedSpans(ranges, family);
  return only !== undefined && others.length === 0 && only[0] === 0n && only[1] === (1n << BigInt(widths[family])) - 1n;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
