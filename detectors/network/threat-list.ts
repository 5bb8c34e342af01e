/**
 * Reads lists of bad networks as they are published: one address or CIDR a line, or the first column of a CSV; comments
 * with `#`, `;` or `//`, also behind an entry (Spamhaus DROP). Lines that are none of this are kept as problems.
 */
import { addressRange } from './ranges.js';

export interface ThreatEntry {
  /** As written, without comment: an address or a CIDR. */
  readonly network: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface ThreatListProblem {
  readonly line: number;
  /** What was found and what was expected; invisible characters escaped, at most 60 characters quoted. */
  readonly text: string;
}

export interface ThreatList {
  readonly entries: readonly ThreatEntry[];
  readonly problems: readonly ThreatListProblem[];
}

/** Names that head a first column of addresses. Only the first line that says anything can be a header. */
const header =
  /^(src_|dst_|source_|first_)?(ip|ips|ip_?addr(ess)?|address|cidr|network|netblock|indicator|range|prefix)$/i;
const maxQuoted = 60;

/** Reads the text of a list. Never throws; a list that names all of the internet is a mistake and a problem. */
export function parseThreatList(text: string): ThreatList {
  const entries: ThreatEntry[] = [];
  const problems: ThreatListProblem[] = [];
  let isFirst = true;
  for (const [index, written] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const network = firstColumn(written);
    if (network === '') continue;
    const problem = problemOf(network);
    if (problem === null) entries.push({ network, line: index + 1 });
    else if (!(isFirst && header.test(network))) problems.push({ line: index + 1, text: problem });
    isFirst = false;
  }
  return { entries, problems };
}

function firstColumn(line: string): string {
  const withoutComment = line.trim().replace(/(#|;|\/\/).*$/, '');
  const column = /^"([^"]*)"|^'([^']*)'|^([^,;\t ]*)/.exec(withoutComment);
  return (column?.[1] ?? column?.[2] ?? column?.[3] ?? '').trim();
}

function problemOf(network: string): string | null {
  const range = addressRange(network);
  if (range === null)
    return `${quoted(network)} is not a network; expected an address or a CIDR such as 198.51.100.0/24`;
  return range.bits === 0 ? `${quoted(network)} is every address; expected a network of attackers` : null;
}

function quoted(text: string): string {
  const short = text.length > maxQuoted ? `${text.slice(0, maxQuoted)}…` : text;
  return JSON.stringify(short).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
