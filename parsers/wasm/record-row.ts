/** Writes a record that was read as a row: what parsers/cloudtrail-row.ts does with a record without oddities. */
import { bucketCount, owner } from './buckets';
import { cloudFront, otherAccount, service, setNetwork, setOther, setPrincipal } from './callers';
import { numberOf, timeUsOf } from './numbers';
import {
  accountSlot,
  addressSlot,
  arnSlot,
  bucketAccountColumn,
  bucketNameSlot,
  creationDateColumn,
  creationDateSlot,
  eventTimeColumn,
  eventTimeSlot,
  eventTypeSlot,
  idSlot,
  identityTypeSlot,
  invokerSlot,
  issuerSlot,
  logIndexColumn,
  logUriColumn,
  networkColumn,
  principalColumn,
  setting,
} from './record-settings';
import { boolean, clearSide, copyView, int64, nextRow, text } from './row';
import { kindAbsent, kindFalse, kindNull, kindNumber, kindOf, kindText, kindTrue, spanEnd, spanStart } from './slots';

/** The number of the next record in its object, and the 16 bytes of the view of the object's URI. */
export let nextNumber: f64 = 0;
export const uri: usize = memory.data(16, 16);
/** The times of the rows of a call. */
export let minTimeUs: f64 = 0;
export let maxTimeUs: f64 = 0;

/** By column: 1 where a short text may mean that there is none. */
export const maybeNothing: usize = memory.data(80, 16);
/** Columns that have the text of the first of three slots that holds something: column and slots, -1 behind the last. */
export const choices: usize = memory.data(16 * 16, 16);
export let choiceCount: i32 = 0;
/** Columns and their slots. */
export const booleans: usize = memory.data(8 * 8, 16);
export let booleanCount: i32 = 0;
export const integers: usize = memory.data(8 * 8, 16);
export let integerCount: i32 = 0;
/** Texts that may mean that there is none are no longer. */
const maxNothingBytes: usize = 4;

/** Begins the rows of a call. */
export function beginRows(): void {
  clearSide();
  minTimeUs = Infinity;
  maxTimeUs = -Infinity;
}

/** Writes the record that was read as a row and goes on to the next; false when it is not plain after all. */
export function writeRow(): bool {
  if (!isOrdinary()) return false;
  const time = timeOf(setting(eventTimeSlot));
  if (time === i64.MIN_VALUE) return false;
  int64(setting(eventTimeColumn), time);
  if (!writeCreationDate() || !writeBucketAccount()) return false;
  for (let i: usize = 0; i < <usize>choiceCount; i++) if (!writeChoice(choices + (i << 4))) return false;
  for (let i: usize = 0; i < <usize>booleanCount; i++) if (!writeBoolean(booleans + (i << 3))) return false;
  for (let i: usize = 0; i < <usize>integerCount; i++) if (!writeInteger(integers + (i << 3))) return false;
  writeCaller();
  copyView(setting(logUriColumn), uri);
  int64(setting(logIndexColumn), <i64>nextNumber);
  minTimeUs = min(minTimeUs, <f64>time);
  maxTimeUs = max(maxTimeUs, <f64>time);
  nextNumber++;
  nextRow();
  return true;
}

/** Insights and aggregated events are not rows; the names of their types have 20 and 18 bytes. */
function isOrdinary(): bool {
  const slot = setting(eventTypeSlot);
  if (kindOf(slot) !== kindText) return true;
  const length = spanEnd(slot) - spanStart(slot);
  return length !== 20 && length !== 18;
}

function writeCreationDate(): bool {
  const slot = setting(creationDateSlot);
  if (kindOf(slot) === kindAbsent) return true;
  const time = timeOf(slot);
  if (time === i64.MIN_VALUE) return false;
  int64(setting(creationDateColumn), time);
  return true;
}

/** Names the caller and its network if they are known. */
function writeCaller(): void {
  const type = setting(identityTypeSlot);
  if (kindOf(type) === kindText) writePrincipal(spanStart(type), spanEnd(type));
  const address = setting(addressSlot);
  if (kindOf(address) === kindText) setNetwork(setting(networkColumn), spanStart(address), spanEnd(address));
}

/** Of the types that have one text which alone names the caller, as in parsers/caller-columns.ts. */
function writePrincipal(type: usize, typeEnd: usize): void {
  const length = typeEnd - type;
  const first = load<u64>(type);
  // AssumedRole
  if (length === 11 && first === 0x5264656d75737341 && load<u32>(type + 7) === 0x656c6f52) writeArn(issuerSlot);
  // IAMUser
  else if (length === 7 && first << 8 === 0x726573554d414900) {
    if (kindOf(setting(issuerSlot)) === kindAbsent) writeArn(arnSlot);
  }
  // AWSAccount and AWSService
  else if (length === 10 && first === 0x756f636341535741 && load<u16>(type + 8) === 0x746e) writeAccount();
  else if (length === 10 && first === 0x6976726553535741 && load<u16>(type + 8) === 0x6563)
    writeOther(invokerSlot, service);
}

/** `arn:` and more. */
function writeArn(source: i32): void {
  const slot = setting(source);
  if (kindOf(slot) !== kindText) return;
  const from = spanStart(slot);
  const to = spanEnd(slot);
  if (to - from > 4 && load<u32>(from) === 0x3a6e7261) setPrincipal(setting(principalColumn), from, to);
}

/** The callers of the account CloudFront have names of their own. */
function writeAccount(): void {
  const account = setting(accountSlot);
  if (kindOf(account) !== kindText) return;
  const from = spanStart(account);
  const isCloudFront =
    spanEnd(account) - from === 10 && load<u64>(from) === 0x6f724664756f6c43 && load<u16>(from + 8) === 0x746e;
  if (isCloudFront) writeOther(idSlot, cloudFront);
  else writeOther(accountSlot, otherAccount);
}

function writeOther(source: i32, kind: i32): void {
  const slot = setting(source);
  if (kindOf(slot) === kindText) setOther(setting(principalColumn), kind, spanStart(slot), spanEnd(slot));
}

/** Microseconds since 1970 of a slot; the least number for anything but `2026-07-01T12:34:56Z`. */
function timeOf(slot: i32): i64 {
  return kindOf(slot) === kindText ? timeUsOf(spanStart(slot), spanEnd(slot)) : i64.MIN_VALUE;
}

/** The owner of the bucket is that of the resource of its name. A bucket that only the resources name is left to TypeScript. */
function writeBucketAccount(): bool {
  const slot = setting(bucketNameSlot);
  const kind = kindOf(slot);
  if (kind !== kindText) return bucketCount === 0;
  const from = spanStart(slot);
  const to = spanEnd(slot);
  if (from === to) return false;
  const account = owner(from, to);
  if (account !== 0 && load<u32>(account) < load<u32>(account, 4))
    text(setting(bucketAccountColumn), <usize>load<u32>(account), <usize>load<u32>(account, 4));
  return true;
}

/** Writes the column of a choice; its slots hold text or nothing. */
function writeChoice(choice: usize): bool {
  for (let i: usize = 4; i < 16; i += 4) {
    const slot = load<i32>(choice + i);
    if (slot < 0) return true;
    const kind = kindOf(slot);
    if (kind === kindAbsent || kind === kindNull) continue;
    return kind === kindText && writeText(load<i32>(choice), spanStart(slot), spanEnd(slot));
  }
  return true;
}

/** Writes a text column; false when the text may mean that there is none. */
export function writeText(column: i32, from: usize, to: usize): bool {
  if (to - from <= maxNothingBytes && load<u8>(maybeNothing + <usize>column) !== 0) return false;
  text(column, from, to);
  return true;
}

function writeBoolean(source: usize): bool {
  const slot = load<i32>(source, 4);
  const kind = kindOf(slot);
  if (kind === kindAbsent || kind === kindNull) return true;
  if (kind === kindTrue || kind === kindFalse) {
    boolean(load<i32>(source), kind === kindTrue);
    return true;
  }
  if (kind !== kindText) return false;
  const from = spanStart(slot);
  const length = spanEnd(slot) - from;
  const isTrue = length === 4 && load<u32>(from) === 0x65757274;
  if (!isTrue && !(length === 5 && load<u32>(from) === 0x736c6166 && load<u8>(from + 4) === 0x65)) return false;
  boolean(load<i32>(source), isTrue);
  return true;
}

/** Writes whole numbers, which CloudTrail logs as `243.0`. */
function writeInteger(source: usize): bool {
  const slot = load<i32>(source, 4);
  const kind = kindOf(slot);
  if (kind === kindAbsent || kind === kindNull) return true;
  if (kind !== kindNumber) return false;
  const from = spanStart(slot);
  let to = spanEnd(slot);
  // .0
  if (to - from > 2 && load<u16>(to - 2) === 0x302e) to -= 2;
  const value = numberOf(from, to);
  if (value < 0) return false;
  int64(load<i32>(source), value);
  return true;
}
