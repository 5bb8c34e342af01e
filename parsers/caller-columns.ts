/**
 * Fills the columns `principal` and `source_network` of finished batches. Callers repeat, so each is worked out once: the
 * bytes that name it lead to the view of its name. Plain lines of access logs have most of them already, for the names are
 * told to their reader. Detectors, rollups and queries group by these columns all the time; working them out in SQL cost
 * more than parsing (docs/adr/0006-caller-columns.md).
 */
import type { ParsedBatch } from './batch.js';
import type { BatchColumn } from './batch-memory.js';
import { KeyKind, lineKernel } from './line-kernel.js';
import { networkOfAddress, principalOfIdentity, principalOfRequester } from './principal.js';
import { columnIndex } from './tables.js';

/** Names that are remembered, a power of two; a flood of callers pushes names out and costs time, not memory. */
const nameSlots = 1 << 14;
/** Bytes of a network that its hash is made of. */
const hashedBytes = 16;
/** In an ARN of a role session in most partitions, where the name of the role begins. */
const roleAt = 39;
const slash = 0x2f;
const dot = 0x2e;

/** A name as a column holds it. */
interface Name {
  /** The bytes that lead to it, to tell it from others of the same hash. */
  readonly key: Buffer;
  /** True when the key ends before a slash and the name of a session. */
  readonly isSession: boolean;
  /** Null for no name. */
  readonly text: Buffer | null;
  /** The 16 bytes of its view in the batch `serial`; null for no name. */
  readonly view: Int32Array | null;
  serial: number;
}

/**
 * A text column of a batch, opened for reading. Both places that a value may lie in are of one class, so that the loops
 * over its bytes stay compiled for it.
 */
class TextColumn {
  readonly #words: Int32Array;
  readonly #views: Buffer;
  readonly #valid: Uint8Array;
  readonly #buffers: readonly Buffer[];
  /** Where the value lies that `find` found. */
  source: Buffer;
  start = 0;
  end = 0;

  constructor({ bytes, words, valid }: BatchColumn, buffers: readonly Buffer[]) {
    this.#views = bytes;
    this.#words = words;
    this.#valid = valid;
    this.#buffers = buffers;
    this.source = bytes;
  }

  /** Finds the value of a row; false when it is null. */
  find(row: number): boolean {
    if ((this.#valid[row >> 3]! & (1 << (row & 7))) === 0) return false;
    const at = row << 2;
    const length = this.#words[at]!;
    this.source = length > 12 ? this.#buffers[this.#words[at + 2]!]! : this.#views;
    this.start = length > 12 ? this.#words[at + 3]! : row * 16 + 4;
    this.end = this.start + length;
    return true;
  }

  /** The value that `find` found. */
  get text(): string {
    return this.source.toString('utf8', this.start, this.end);
  }

  textOf(row: number): string | null {
    return this.find(row) ? this.text : null;
  }
}

/** The names of one column over all batches, and the text of those that the batch in hand uses. */
class Names {
  readonly #slots: (Name | null)[] = Array.from({ length: nameSlots }, () => null);
  readonly #texts: BatchTexts;

  constructor(texts: BatchTexts) {
    this.#texts = texts;
  }

  /** The slot of bytes: names differ at the end, and a comparison tells those apart that share it. */
  slot(bytes: Buffer, start: number, end: number): number {
    let hash = end - start;
    for (let i = Math.max(start, end - hashedBytes); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    return (hash ^ (hash >>> 15)) & (nameSlots - 1);
  }

  /** The slot of an ARN by account and by the first letters of what follows, whose end is not known yet. */
  slotOfArn(bytes: Buffer, start: number): number {
    const first = wordAt(bytes, start + roleAt);
    const rest = Math.imul(wordAt(bytes, start + roleAt + 4) ^ Math.imul(first, 0x01000193), 0x01000193);
    const hash = Math.imul(rest ^ wordAt(bytes, start + roleAt + 9) ^ wordAt(bytes, start + 20), 0x85ebca6b);
    return (hash ^ (hash >>> 15)) & (nameSlots - 1);
  }

  /** The name that these bytes led to before; null when they are new. */
  find(slot: number, bytes: Buffer, start: number, end: number): Name | null {
    const name = this.#slots[slot]!;
    return name?.key.length === end - start && isPrefix(name.key, bytes, start) ? name : null;
  }

  /** The name of the caller that the value begins with, if that was met before. */
  findCaller(slot: number, { source, start, end }: TextColumn): Name | null {
    const name = this.#slots[slot]!;
    if (name === null) return null;
    const length = name.key.length;
    // Where a caller ends depends on no byte behind the slash that ends it.
    const fits = length === end - start || (name.isSession && length < end - start && source[start + length] === slash);
    return fits && isPrefix(name.key, source, start) ? name : null;
  }

  /** Remembers what the bytes lead to. */
  add(slot: number, key: Buffer, name: string | null, isSession = false): Name {
    const text = name === null ? null : Buffer.from(name);
    const view = text === null ? null : new Int32Array(4);
    if (view !== null && text !== null) {
      view[0] = text.length;
      text.copy(new Uint8Array(view.buffer), 4, 0, text.length > 12 ? 4 : 12);
    }
    const added: Name = {
      key: Buffer.from(key),
      isSession,
      text,
      view,
      serial: -1,
    };
    this.#slots[slot] = added;
    return added;
  }

  /** Sets a row of a column to a name, whose text is put into the batch if it is not there yet. */
  set(column: NameColumn, row: number, name: Name): void {
    if (name.text === null || name.view === null) return;
    // What does not fit a view lies in each batch that uses it.
    if (name.text.length > 12 && name.serial !== this.#texts.serial) this.#texts.place(name);
    column.set(row, name.view);
  }
}

/** A column to fill from the names of one batch. */
class NameColumn {
  readonly #words: Int32Array;
  readonly #valid: Uint8Array;

  constructor({ words, valid }: BatchColumn) {
    this.#words = words;
    this.#valid = valid;
  }

  /** The first row from `row` on that has no name yet, or `rows`. */
  nextEmpty(row: number, rows: number): number {
    while (row < rows) {
      if ((row & 7) === 0 && this.#valid[row >> 3] === 0xff) row += 8;
      else if (this.#valid[row >> 3]! & (1 << (row & 7))) row++;
      else return row;
    }
    return rows;
  }

  set(row: number, view: Int32Array): void {
    const at = row << 2;
    this.#words[at] = view[0]!;
    this.#words[at + 1] = view[1]!;
    this.#words[at + 2] = view[2]!;
    this.#words[at + 3] = view[3]!;
    this.#valid[row >> 3]! |= 1 << (row & 7);
  }
}

/** Whether the bytes begin with the key; they are as long as it or longer. */
function isPrefix(key: Buffer, bytes: Buffer, start: number): boolean {
  const { length } = key;
  // Names that share a slot differ at the end more often than at the beginning.
  for (let i = length - 1; i >= 0; i--) if (key[i] !== bytes[start + i]) return false;
  return true;
}

function wordAt(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The third buffer of a batch: the long names that its rows use, each once. */
class BatchTexts {
  serial = 0;
  #index = 0;
  #parts: Buffer[] = [];
  #length = 0;

  /** Begins a batch, in which the names will be the buffer `index`. */
  begin(index: number): void {
    this.serial++;
    this.#index = index;
    this.#parts = [];
    this.#length = 0;
  }

  place(name: Name): void {
    name.serial = this.serial;
    name.view![2] = this.#index;
    name.view![3] = this.#length;
    this.#parts.push(name.text!);
    this.#length += name.text!.length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}

/** Fills the caller columns of every batch that a thread parses. */
export class CallerColumns {
  readonly #texts = new BatchTexts();
  readonly #principals = new Names(this.#texts);
  readonly #networks = new Names(this.#texts);

  /** Fills the batch in place. Tables without the columns are left alone. */
  fill(parsed: ParsedBatch): ParsedBatch {
    const { table, rows, columns, buffers } = parsed;
    if (table.name === 'rejects') return parsed;
    const open: OpenColumn = (name) => new TextColumn(columns[columnIndex(table, name)]!, buffers);
    const fill: FillColumn = (name) => new NameColumn(columns[columnIndex(table, name)]!);
    this.#texts.begin(buffers.length);
    if (table.name === 'access_log') {
      this.#fillRequesters(rows, open, fill('principal'));
      this.#fillNetworks(rows, open('remote_ip'), fill('source_network'));
    } else {
      this.#fillIdentities(rows, open, fill('principal'));
      this.#fillNetworks(rows, open('source_ip_address'), fill('source_network'));
    }
    buffers.push(this.#texts.bytes);
    return parsed;
  }

  #fillRequesters(rows: number, open: OpenColumn, principals: NameColumn): void {
    const requesters = open('requester');
    const operations = open('operation');
    const authentication = open('authentication_type');
    for (let row = principals.nextEmpty(0, rows); row < rows; row = principals.nextEmpty(row + 1, rows)) {
      if (requesters.find(row)) {
        const { key, isSession, text } = this.#setArn(principals, row, requesters);
        if (text !== null) lineKernel().learn(isSession ? KeyKind.roleOfSession : KeyKind.wholeRequester, key, text);
        continue;
      }
      const isAuthenticated = authentication.find(row);
      const operation = operations.textOf(row);
      const { text } = this.#setText(
        principals,
        row,
        principalOfRequester({ requester: null, isAuthenticated, operation }),
      );
      const known = Number(operation?.startsWith('S3.') ?? false) | (Number(isAuthenticated) << 1);
      if (text !== null) lineKernel().learn(KeyKind.noRequester, Buffer.of(known), text);
    }
  }

  #fillIdentities(rows: number, open: OpenColumn, principals: NameColumn): void {
    const types = open('user_identity_type');
    const arns = open('user_identity_arn');
    const accounts = open('user_identity_account_id');
    const ids = open('user_identity_principal_id');
    const invokers = open('user_identity_invoked_by');
    const issuers = open('session_issuer_arn');
    for (let row = 0; row < rows; row++) {
      // Nearly every caller is a role: its issuer alone names it.
      if (types.find(row) && isAssumedRole(types) && issuers.find(row)) {
        this.#setArn(principals, row, issuers);
        continue;
      }
      const identity = {
        type: types.textOf(row),
        arn: arns.textOf(row),
        accountId: accounts.textOf(row),
        principalId: ids.textOf(row),
        invokedBy: invokers.textOf(row),
        issuerArn: issuers.textOf(row),
      };
      this.#setText(principals, row, principalOfIdentity(identity));
    }
  }

  #fillNetworks(rows: number, addresses: TextColumn, networks: NameColumn): void {
    const names = this.#networks;
    for (let row = networks.nextEmpty(0, rows); row < rows; row = networks.nextEmpty(row + 1, rows)) {
      if (!addresses.find(row)) continue;
      const { source, start } = addresses;
      const end = endOfNetwork(source, start, addresses.end);
      const slot = names.slot(source, start, end);
      const known = names.find(slot, source, start, end);
      const name = known ?? names.add(slot, source.subarray(start, end), networkOfAddress(addresses.text));
      names.set(networks, row, name);
      if (name.text !== null) lineKernel().learn(KeyKind.networkOfAddress, name.key, name.text);
    }
  }

  /** The column has found an ARN or another name that is a principal by itself. */
  #setArn(principals: NameColumn, row: number, column: TextColumn): Name {
    const { source, start, end } = column;
    const names = this.#principals;
    const isShort = end - start < roleAt + 13;
    const slot = isShort ? names.slot(source, start, end) : names.slotOfArn(source, start);
    const name = names.findCaller(slot, column) ?? this.#addCaller(slot, column);
    names.set(principals, row, name);
    return name;
  }

  #addCaller(slot: number, { source, start, end, text }: TextColumn): Name {
    const principal = principalOf(text);
    const roleEnd = endOfRole(source, start, end);
    // The session of what only looks like a role may count.
    const isSession = roleEnd < end && principalOf(source.toString('utf8', start, roleEnd)) === principal;
    return this.#principals.add(slot, source.subarray(start, isSession ? roleEnd : end), principal, isSession);
  }

  #setText(principals: NameColumn, row: number, principal: string): Name {
    const names = this.#principals;
    // A word that no requester can be, so that the name does not pass for the one that a requester of that text leads to.
    const key = Buffer.from(` ${principal}`);
    const slot = names.slot(key, 0, key.length);
    const name = names.find(slot, key, 0, key.length) ?? names.add(slot, key, principal);
    names.set(principals, row, name);
    return name;
  }
}

function principalOf(requester: string): string {
  return principalOfRequester({ requester, isAuthenticated: true, operation: null });
}

type OpenColumn = (name: string) => TextColumn;
type FillColumn = (name: string) => NameColumn;

const assumedRole = Buffer.from('AssumedRole');

function isAssumedRole({ source, start, end }: TextColumn): boolean {
  return end - start === assumedRole.length && isPrefix(assumedRole, source, start);
}

/** The end of what names the caller: a session of a role ends its name at the second slash. */
function endOfRole(bytes: Buffer, start: number, end: number): number {
  // `:assumed-role/ROLE/SESSION`, and not `:role/` or `:user/`, where everything counts.
  let first = start;
  while (first < end && bytes[first] !== slash) first++;
  if (bytes[first - 5] !== 0x2d || bytes[first - 4] !== 0x72) return end;
  for (let i = first + 1; i < end; i++) if (bytes[i] === slash) return i;
  return end;
}

/** The end of what decides the network: three numbers of an IPv4 address with their dots, and all of anything else. */
function endOfNetwork(bytes: Buffer, start: number, end: number): number {
  let dots = 0;
  let last = end;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === dot) {
      dots++;
      last = i;
    } else if (byte < 0x30 || byte > 0x39) return end;
  }
  return dots === 3 && last < end - 1 ? last + 1 : end;
}
