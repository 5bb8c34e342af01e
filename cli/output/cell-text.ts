/** Cells as text and as JSON, without loss. Escaping for a terminal, CSV or Markdown comes afterwards. */
import { safeJson } from './escape.js';
import type { Cell, ColumnType } from './rows.js';

/** The cell as unescaped text: exact digits, ISO times, JSON for nested values, DuckDB's text form for bytes. */
export function cellText(cell: Exclude<Cell, null>, type: ColumnType): string {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell);
  return cell instanceof Uint8Array ? blobText(cell) : cellJson(cell, type);
}

/** The cell as JSON on one line, safe to print. */
export function cellJson(cell: Cell, type: ColumnType): string {
  if (type === 'decimal' && typeof cell === 'string') return jsonNumber(cell) ?? safeJson(JSON.stringify(cell));
  if (type === 'json' && typeof cell === 'string') return embeddedJson(cell);
  return safeJson(plainJson(cell));
}

function plainJson(cell: Cell): string {
  if (cell === null) return 'null';
  if (typeof cell === 'bigint') return String(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : `"${cell}"`;
  if (typeof cell !== 'object') return JSON.stringify(cell);
  if (cell instanceof Uint8Array) return JSON.stringify(blobText(cell));
  if (isList(cell)) return `[${cell.map(plainJson).join(',')}]`;
  const entries = Object.entries(cell).map(([name, value]) => `${JSON.stringify(name)}:${plainJson(value)}`);
  return `{${entries.join(',')}}`;
}

function isList(cell: readonly Cell[] | { readonly [name: string]: Cell }): cell is readonly Cell[] {
  return Array.isArray(cell);
}

/** Digits as a JSON number, which keeps them all; null when they are none (`Infinity`). */
function jsonNumber(digits: string): string | null {
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(digits) ? digits : null;
}

/** JSON text goes in as it is, on one line: parsing it would round large numbers. Anything else becomes a string. */
function embeddedJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return safeJson(JSON.stringify(text)); // not JSON after all: the text itself is the value
  }
  return safeJson(text.replace(/[\t\n\r]/g, ' ').trim());
}

/** Bytes as DuckDB casts a BLOB to text: printable ASCII as it is, the rest and the backslash as `\xNN`. */
function blobText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const printable = byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x22 && byte !== 0x27;
    text += printable ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}
