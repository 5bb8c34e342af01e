/** Where the fields of one access-log line are, as the slow path finds them. */
import type { RowFlag } from './reject.js';

/** Fields in AWS's order, "Log format" of the S3 User Guide (2026), from 0. */
export const Field = {
  bucketOwner: 0, bucket: 1, time: 2, remoteIp: 3, requester: 4, requestId: 5, operation: 6, key: 7, requestUri: 8,
  httpStatus: 9, errorCode: 10, bytesSent: 11, objectSize: 12, totalTimeMs: 13, turnAroundTimeMs: 14, referer: 15,
  userAgent: 16, versionId: 17, hostId: 18, signatureVersion: 19, cipherSuite: 20, authenticationType: 21,
  hostHeader: 22, tlsVersion: 23, accessPointArn: 24, aclRequired: 25, sourceRegion: 26,
  /** Everything after the 27th field. */
  extra: 27,
} as const; // prettier-ignore

export const fieldCount = 28;

/** What can be noticed of a line, as bits of `LineFields.flags`. */
export const FlagBit = {
  ua_ambiguous: 1,
  doubled_space: 2,
  invalid_utf8: 4,
  number_overflow: 8,
  key_undecodable: 16,
  duplicate_json_key: 32,
  lone_surrogate: 64,
} as const satisfies Record<RowFlag, number>;

/** The fields of one line, as offsets in the block. One record is reused for all lines. */
export class LineFields {
  /** Start and end of field `f` at `2f` and `2f + 1`; an end before its start means null. */
  readonly spans = new Int32Array(fieldCount * 2);
  /** The number fields by field; -1 means null, -2 that the value is in `large`. */
  readonly numbers = new Float64Array(fieldCount);
  /** Values above 2^53 by field. */
  readonly large: bigint[] = [];
  /** Fields of the line that were there, null or not, at most 27. */
  count = 0;
  timeUs = NaN;
  /** Bits of `FlagBit`. */
  flags = 0;
  /** The key holds a `%` or a `+`. */
  keyIsEncoded = false;

  set(field: number, start: number, end: number): void {
    this.spans[field << 1] = start;
    this.spans[(field << 1) | 1] = end;
  }

  setNull(field: number): void {
    this.set(field, 0, -1);
  }

  setNumber(field: number, value: number | bigint): void {
    this.numbers[field] = typeof value === 'number' ? value : -2;
    if (typeof value === 'bigint') this.large[field] = value;
  }

  /** Makes the fields from `first` on null, because the line ends before them. */
  endAt(first: number): void {
    this.count = Math.min(first, Field.extra);
    for (let field = first; field < fieldCount; field++) this.setNull(field);
  }

  start(field: number): number {
    return this.spans[field << 1]!;
  }

  end(field: number): number {
    return this.spans[(field << 1) | 1]!;
  }

  isNull(field: number): boolean {
    return this.end(field) < this.start(field);
  }
}
