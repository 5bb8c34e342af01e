/** Reads AWS's list of its own addresses, https://ip-ranges.amazonaws.com/ip-ranges.json (format as of 2026-11). */
import { addressRange } from './ranges.js';

/** The CIDRs of the file, IPv4 and IPv6, each once; a text that says what is wrong when it is not that file. */
export function parseAwsRanges(text: string): readonly string[] | string {
  const file = jsonOf(text);
  const prefixes = [...column(file, 'prefixes', 'ip_prefix'), ...column(file, 'ipv6_prefixes', 'ipv6_prefix')];
  const networks = [...new Set(prefixes)].filter((network) => addressRange(network) !== null);
  return networks.length > 0 ? networks : 'holds no prefixes; expected the JSON of ip-ranges.amazonaws.com';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function column(file: unknown, list: string, name: string): string[] {
  const rows = (file as Record<string, unknown> | null)?.[list];
  if (!Array.isArray(rows)) return [];
  return rows.map((row: unknown) => (row as Record<string, unknown> | null)?.[name]).filter(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
