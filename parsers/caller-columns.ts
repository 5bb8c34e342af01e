/**
 * Fills the columns `principal` and `source_network` of finished batches. Callers repeat, so each is worked out once: the
 * bytes that name it lead to the view of its name. Plain lines and records have most of them already, for the names are
 * told to their readers. Detectors, rollups and queries group by these columns all the time; working them out in SQL cost
 * more than parsing (docs/adr/0006-caller-columns.md).
 */
import type { ParsedBatch } from './batch.js';
import { BatchTexts, isPrefix, NameColumn, Names, roleAt, TextColumn, type Name } from './caller-names.js';
import { KeyKind, type Kernel, type KernelExports } from './kernel.js';
import { lineKernel } from './line-kernel.js';
import { networkOfAddress, principalOfIdentity, principalOfRequester, type Identity } from './principal.js';
import { recordKernel } from './record-kernel.js';
import { columnIndex } from './tables.js';

const slash = 0x2f;
const dot = 0x2e;

/** Fills the caller columns of every batch that a thread parses. */
export class CallerColumns {
  readonly #texts = new BatchTexts();
  readonly #principals = new Names(this.#texts);
  readonly #networks = new Names(this.#texts);
  /** Who reads the plain rows of the table. */
  #reader!: Kernel<KernelExports>;

  /** Fills the batch in place. Tables without the columns are left alone. */
  fill(parsed: ParsedBatch): ParsedBatch {
    const { table, rows, columns, buffers } = parsed;
    if (table.name === 'rejects') return parsed;
    const open: OpenColumn = (name) => new TextColumn(columns[columnIndex(table, name)]!, buffers);
    const fill: FillColumn = (name) => new NameColumn(columns[columnIndex(table, name)]!);
    this.#texts.begin(buffers.length);
    if (table.name === 'access_log') {
      this.#reader = lineKernel();
      this.#fillRequesters(rows, open, fill('principal'));
      this.#fillNetworks(rows, open('remote_ip'), fill('source_network'));
    } else {
      this.#reader = recordKernel();
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
        this.#setArn(principals, row, requesters);
        continue;
      }
      const isAuthenticated = authentication.find(row);
      const operation = operations.textOf(row);
      const principal = principalOfRequester({ requester: null, isAuthenticated, operation });
      const known = Number(operation?.startsWith('S3.') ?? false) | (Number(isAuthenticated) << 1);
      this.#teach(KeyKind.noRequester, Buffer.of(known), this.#setText(principals, row, principal));
    }
  }

  #fillIdentities(rows: number, open: OpenColumn, principals: NameColumn): void {
    const types = open('user_identity_type');
    const arns = open('user_identity_arn');
    const accounts = open('user_identity_account_id');
    const ids = open('user_identity_principal_id');
    const invokers = open('user_identity_invoked_by');
    const issuers = open('session_issuer_arn');
    for (let row = principals.nextEmpty(0, rows); row < rows; row = principals.nextEmpty(row + 1, rows)) {
      const type = types.textOf(row);
      // Nearly every caller is a role, which its issuer names, or a user.
      const namer = type === 'AssumedRole' ? issuers : type === 'IAMUser' && !issuers.find(row) ? arns : null;
      if (namer !== null && namer.find(row) && isArn(namer)) {
        this.#setArn(principals, row, namer);
        continue;
      }
      this.#setIdentity(principals, row, {
        type,
        arn: arns.textOf(row),
        accountId: accounts.textOf(row),
        principalId: ids.textOf(row),
        invokedBy: invokers.textOf(row),
        issuerArn: issuers.textOf(row),
      });
    }
  }

  #setIdentity(principals: NameColumn, row: number, identity: Identity): void {
    const { type, accountId, principalId, invokedBy } = identity;
    const name = this.#setText(principals, row, principalOfIdentity(identity));
    const teach = (kind: number, key: string | null): void => {
      if (key !== null) this.#teach(kind, Buffer.from(key), name);
    };
    if (type === 'AWSService') teach(KeyKind.service, invokedBy);
    else if (type === 'AWSAccount' && accountId === 'CloudFront') teach(KeyKind.cloudFront, principalId);
    else if (type === 'AWSAccount') teach(KeyKind.otherAccount, accountId);
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
      this.#teach(KeyKind.networkOfAddress, name.key, name);
    }
  }

  /** Tells the reader of plain lines or records of a name that it did not know, once a batch: other names may push it out again. */
  #teach(kind: number, key: Buffer, name: Name): void {
    if (name.text === null || name.taughtIn === this.#texts.serial) return;
    name.taughtIn = this.#texts.serial;
    this.#reader.learn(kind, key, name.text);
  }

  /** The column has found an ARN or another name that is a principal by itself. */
  #setArn(principals: NameColumn, row: number, column: TextColumn): void {
    const { source, start, end } = column;
    const names = this.#principals;
    const isShort = end - start < roleAt + 13;
    const slot = isShort ? names.slot(source, start, end) : names.slotOfArn(source, start);
    const name = names.findCaller(slot, column) ?? this.#addCaller(slot, column);
    names.set(principals, row, name);
    this.#teach(name.isSession ? KeyKind.roleOfSession : KeyKind.wholeRequester, name.key, name);
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

const arnStart = Buffer.from('arn:');

function isArn({ source, start, end }: TextColumn): boolean {
  return end - start > arnStart.length && isPrefix(arnStart, source, start);
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
