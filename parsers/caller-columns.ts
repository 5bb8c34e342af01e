/**
 * Fills the columns `principal` and `source_network` of finished batches. Callers repeat, so each is worked out once: the
 * bytes that name it lead to the view of its name. Detectors, rollups and queries group by these columns all the time;
 * working them out in SQL cost more than parsing (docs/adr/0006-caller-columns.md).
 */
import type { Data } from 'apache-arrow';
import type { ParsedBatch } from './batch.js';
import { networkOfAddress, principalOfIdentity, principalOfRequester } from './principal.js';
import { columnIndex, type Table } from './tables.js';

/** Names that are remembered; beyond it they are worked out again, so that a flood of callers costs time, not memory. */
const maxNames = 1 << 16;
/** Bytes of a caller that its hash is made of. */
const hashedBytes = 16;
const slash = 0x2f;

/** A name as a column holds it. `text` is null for no name. */
interface Name {
  /** The bytes that lead to it, to tell it from others of the same hash. */
  readonly key: Buffer;
  readonly text: Buffer | null;
  /** The 16 bytes of its view in the batch `serial`. */
  readonly view: Int32Array;
  serial: number;
}

/** A text column of a batch, opened for reading. */
class TextColumn {
  readonly words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #valid: Uint8Array;
  readonly #buffers: readonly Uint8Array[];
  /** Where the value lies that `find` found. */
  source: Uint8Array;
  start = 0;
  end = 0;

  constructor({ values, nullBitmap, variadicBuffers }: Data) {
    const views = values as Uint8Array;
    this.#bytes = views;
    this.words = new Int32Array(views.buffer, views.byteOffset, views.byteLength >> 2);
    this.#valid = nullBitmap;
    this.#buffers = variadicBuffers as Uint8Array[];
    this.source = views;
  }

  /** Finds the value of a row; false when it is null. */
  find(row: number): boolean {
    if ((this.#valid[row >> 3]! & (1 << (row & 7))) === 0) return false;
    const at = row << 2;
    const length = this.words[at]!;
    this.source = length > 12 ? this.#buffers[this.words[at + 2]!]! : this.#bytes;
    this.start = length > 12 ? this.words[at + 3]! : row * 16 + 4;
    this.end = this.start + length;
    return true;
  }

  text(row: number): string | null {
    return this.find(row) ? Buffer.from(this.source.buffer, this.source.byteOffset + this.start, this.end - this.start).toString() : null;
  }
}

/** A column to fill from the names of one batch. */
class NameColumn {
  readonly #words: Int32Array;
  readonly #valid: Uint8Array;

  constructor({ values, nullBitmap }: Data) {
    const views = values as Uint8Array;
    this.#words = new Int32Array(views.buffer, views.byteOffset, views.byteLength >> 2);
    this.#valid = nullBitmap;
  }

  set(row: number, { text, view }: Name): void {
    if (text === null) return;
    const at = row << 2;
    for (let i = 0; i < 4; i++) this.#words[at + i] = view[i]!;
    this.#valid[row >> 3]! |= 1 << (row & 7);
  }
}

/** The names of one column over all batches, and the text of those that the current batch uses. */
class Names {
  readonly #byHash = new Map<number, Name>();
  #serial = 0;

  /** Begins a batch: no name is in its text yet. */
  begin(): void {
    this.#serial++;
    if (this.#byHash.size > maxNames) this.#byHash.clear();
  }

  /** The name for the bytes, which `make` works out the first time. */
  of(bytes: Uint8Array, start: number, end: number, texts: BatchTexts, make: () => string | null): Name {
    // Callers differ at the end: a few bytes from there tell nearly all apart, and the comparison tells the rest.
    let hash = end - start;
    for (let i = Math.max(start, end - hashedBytes); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const known = this.#byHash.get(hash);
    const name = known !== undefined && isSame(known.key, bytes, start, end) ? known : this.#remember(hash, bytes.subarray(start, end), make());
    if (name.serial !== this.#serial) {
      name.serial = this.#serial;
      texts.place(name);
    }
    return name;
  }

  #remember(hash: number, key: Uint8Array, text: string | null): Name {
    const name: Name = { key: Buffer.from(key), text: text === null ? null : Buffer.from(text), view: new Int32Array(4), serial: -1 };
    this.#byHash.set(hash, name);
    return name;
  }
}

function isSame(key: Buffer, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}

/** The third buffer of a batch: the names that its rows use, each once. */
class BatchTexts {
  readonly #parts: Buffer[] = [];
  readonly #buffer: number;
  #length = 0;

  constructor(buffer: number) {
    this.#buffer = buffer;
  }

  place({ text, view }: Name): void {
    if (text === null) return;
    view.fill(0);
    view[0] = text.length;
    if (text.length <= 12) text.copy(new Uint8Array(view.buffer), 4);
    else {
      view[1] = text.readInt32LE(0);
      view[2] = this.#buffer;
      view[3] = this.#length;
      this.#parts.push(text);
      this.#length += text.length;
    }
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}

/** Fills the caller columns of every batch that a thread parses. */
export class CallerColumns {
  readonly #principals = new Names();
  readonly #networks = new Names();
  readonly #unsigned = new Names();

  /** Fills the batch in place. Tables without the columns are left alone. */
  fill(parsed: ParsedBatch): ParsedBatch {
    const { table, batch } = parsed;
    if (table.name === 'rejects') return parsed;
    const column = (name: string): Data => batch.data.children[columnIndex(table, name)]!;
    const texts = new BatchTexts(2);
    for (const names of [this.#principals, this.#networks, this.#unsigned]) names.begin();
    const principals = new NameColumn(column('principal'));
    if (table.name === 'access_log') this.#fillRequesters(batch.numRows, column, principals, texts);
    else this.#fillIdentities(batch.numRows, column, principals, texts);
    this.#fillNetworks(batch.numRows, new TextColumn(column(addressColumn(table))), new NameColumn(column('source_network')), texts);
    const bytes = texts.bytes;
    for (const { variadicBuffers } of batch.data.children) if (variadicBuffers !== undefined && variadicBuffers.length > 0) (variadicBuffers as Uint8Array[]).push(bytes);
    return parsed;
  }

  #fillRequesters(rows: number, column: (name: string) => Data, principals: NameColumn, texts: BatchTexts): void {
    const requesters = new TextColumn(column('requester'));
    const operations = new TextColumn(column('operation'));
    const authentication = new TextColumn(column('authentication_type'));
    for (let row = 0; row < rows; row++) {
      if (requesters.find(row)) {
        const { source, start, end } = requesters;
        const until = endOfRole(source, start, end);
        principals.set(row, this.#principals.of(source, start, until, texts, () => principalOfRequester({ requester: textOf(source, start, end), isAuthenticated: true, operation: null })));
        continue;
      }
      const operation = operations.text(row);
      const unsigned = principalOfRequester({ requester: null, isAuthenticated: authentication.find(row), operation });
      const key = Buffer.from(unsigned);
      principals.set(row, this.#unsigned.of(key, 0, key.length, texts, () => unsigned));
    }
  }

  #fillIdentities(rows: number, column: (name: string) => Data, principals: NameColumn, texts: BatchTexts): void {
    const open = (name: string): TextColumn => new TextColumn(column(name));
    const types = open('user_identity_type');
    const arns = open('user_identity_arn');
    const accounts = open('user_identity_account_id');
    const ids = open('user_identity_principal_id');
    const invokers = open('user_identity_invoked_by');
    const issuers = open('session_issuer_arn');
    for (let row = 0; row < rows; row++) {
      // Nearly every caller is a role: its issuer alone names it.
      if (issuers.find(row) && isAssumedRole(types, row)) {
        const { source, start, end } = issuers;
        principals.set(row, this.#principals.of(source, start, end, texts, () => principalOfRequester({ requester: textOf(source, start, end), isAuthenticated: true, operation: null })));
        continue;
      }
      const principal = principalOfIdentity({
        type: types.text(row), arn: arns.text(row), accountId: accounts.text(row), principalId: ids.text(row),
        invokedBy: invokers.text(row), issuerArn: issuers.text(row),
      });
      const key = Buffer.from(principal);
      principals.set(row, this.#unsigned.of(key, 0, key.length, texts, () => principal));
    }
  }

  #fillNetworks(rows: number, addresses: TextColumn, networks: NameColumn, texts: BatchTexts): void {
    for (let row = 0; row < rows; row++) {
      if (!addresses.find(row)) continue;
      const { source, start, end } = addresses;
      networks.set(row, this.#networks.of(source, start, end, texts, () => networkOfAddress(textOf(source, start, end))));
    }
  }
}

function addressColumn({ name }: Table): string {
  return name === 'access_log' ? 'remote_ip' : 'source_ip_address';
}

const assumedRoleType = Buffer.from('AssumedRole');

function isAssumedRole(types: TextColumn, row: number): boolean {
  return types.find(row) && isSame(assumedRoleType, types.source, types.start, types.end);
}

/** The end of what names the caller: a session of a role ends its name at the second slash. */
function endOfRole(bytes: Uint8Array, start: number, end: number): number {
  // `:assumed-role/ROLE/SESSION`, and not `:role/` or `:user/`, where everything counts.
  let first = start;
  while (first < end && bytes[first] !== slash) first++;
  if (bytes[first - 5] !== 0x2d || bytes[first - 4] !== 0x72) return end;
  for (let i = first + 1; i < end; i++) if (bytes[i] === slash) return i;
  return end;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}
