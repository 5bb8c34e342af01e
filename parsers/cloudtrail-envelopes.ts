/**
 * What the objects of a CloudTrail file are when they are not records: envelopes that hold one record, and files that
 * are recognised and skipped. Everything is told by shape, from the fields that the scanner found.
 */
import { slotOf } from './cloudtrail-fields.js';
import { kindAbsent, kindEscaped, kindNull, kindObject, kindText, type JsonScanner } from './json-scanner.js';
import { unescapeJson } from './json-text.js';
import type { SkippedKind } from './reject.js';

const eventTimeSlot = slotOf('eventTime');
const eventTypeSlot = slotOf('eventType');
const detailSlot = slotOf('detail');
const messageTypeSlot = slotOf('messageType');
/** A record as a string: `lookup-events`, and CloudWatch Logs. Some tools write it as an object there. */
const messageSlots = [slotOf('CloudTrailEvent'), slotOf('message')];
/** Any of these makes an object a record, if a broken one; `resources` does not, for EventBridge has it as well. */
const recordSlots = [
  'eventVersion',
  'eventTime',
  'eventID',
  'eventName',
  'eventSource',
  'eventType',
  'userIdentity',
  'awsRegion',
].map((key) => slotOf(key));
const controlMessage = Buffer.from('CWL CONTROL MESSAGE');

function has(scanner: JsonScanner, path: string): boolean {
  return scanner.kinds[slotOf(path)] !== kindAbsent;
}

function isText(scanner: JsonScanner, bytes: Uint8Array, slot: number, text: string): boolean {
  if (scanner.kinds[slot] !== kindText || scanner.end(slot) - scanner.start(slot) !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[scanner.start(slot) + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** True when the scanned object is a record, though perhaps one without a time. */
export function isRecord(scanner: JsonScanner): boolean {
  return recordSlots.some((slot) => scanner.kinds[slot] !== kindAbsent);
}

/** Records of other shapes that are skipped; null for all others. The one check that every record goes through. */
export function skippedRecord(scanner: JsonScanner, bytes: Uint8Array): SkippedKind | null {
  // AwsApiCall and the other ordinary types have other lengths than these two.
  const length = scanner.end(eventTypeSlot) - scanner.start(eventTypeSlot);
  if (scanner.kinds[eventTypeSlot] === kindText && (length === 20 || length === 18)) {
    if (isText(scanner, bytes, eventTypeSlot, 'AwsCloudTrailInsight')) return 'insight';
    if (isText(scanner, bytes, eventTypeSlot, 'AwsAggregatedEvent')) return 'aggregated';
  }
  if (scanner.kinds[eventTimeSlot] !== kindAbsent) return null;
  return has(scanner, 'timeWindow') && has(scanner, 'summary') ? 'aggregated' : null;
}

/** Whole files that are skipped: digests, signatures of Lake results, control messages; null for all others. */
export function skippedFile(scanner: JsonScanner, bytes: Uint8Array): SkippedKind | null {
  if (isDigest(scanner)) return 'digest';
  if (has(scanner, 'hashSignature') && has(scanner, 'publicKeyFingerprint')) return 'query-result-signature';
  return isControl(scanner, bytes) ? 'control' : null;
}

/** True for a digest file, of which perhaps only the beginning was scanned. */
export function isDigest(scanner: JsonScanner): boolean {
  return has(scanner, 'digestStartTime') && has(scanner, 'digestEndTime');
}

/** True for a CloudWatch Logs subscription payload that only checks the destination. */
export function isControl(scanner: JsonScanner, bytes: Uint8Array): boolean {
  return isText(scanner, bytes, messageTypeSlot, 'CONTROL_MESSAGE');
}

/** The slot of the envelope's member that holds a record, -1 when there is none. */
export function wrappedRecord(scanner: JsonScanner): number {
  if (scanner.kinds[detailSlot] === kindObject) return detailSlot;
  return messageSlots.find((slot) => scanner.kinds[slot] !== kindAbsent && scanner.kinds[slot] !== kindNull) ?? -1;
}

/**
 * Unwraps a record: a string is unescaped in its own place, for its bytes are not needed again, and what is left over
 * is overwritten with spaces. Returns the end of the record's text, which starts where the slot does.
 */
export function unwrap(scanner: JsonScanner, bytes: Uint8Array, slot: number): number {
  const start = scanner.start(slot);
  const end = scanner.end(slot);
  if (scanner.kinds[slot] !== kindEscaped) return end;
  const unescaped = unescapeJson(bytes, start, end, bytes, start);
  bytes.fill(32, unescaped, end);
  return unescaped;
}

/** True when the text of a log event is CloudWatch's own. */
export function isControlText(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < controlMessage.length) return false;
  for (let i = 0; i < controlMessage.length; i++) if (bytes[start + i] !== controlMessage[i]) return false;
  return true;
}

/** The names of the members that hold records, for the rest of an envelope whose first such member has been read. */
export function isContainerKey(bytes: Buffer, start: number, end: number): boolean {
  const key = bytes.toString('latin1', start, end);
  return ['Records', 'records', 'Events', 'events', 'logEvents'].includes(key);
}
