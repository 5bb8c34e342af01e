/** The buckets among the `resources` of a record, collected while they are scanned. */
import { recordFields, slotOf } from './cloudtrail-fields.js';
import { kindAbsent, kindText, type JsonScanner } from './json-scanner.js';

const bucketType = Buffer.from('AWS::S3::Bucket');
const resourcesSlot = slotOf('resources');
/** The elements are scanned one after another into the same slots. */
const elementSlotsEnd = recordFields.subtreeEnd[resourcesSlot]!;
const typeSlot = slotOf('resources.type');
const accountSlot = slotOf('resources.accountId');
const arnSlots = ['ARN', 'arn', 'ARNPrefix'].map((key) => slotOf(`resources.${key}`));

/** Buckets that are remembered a record; AWS names at most two. */
const maxBuckets = 8;

/** Offsets of bucket names and owners in the block; only strings without escapes count. */
export class BucketResources {
  count = 0;
  /** By bucket: start and end of its name, start and end of its account; 0 for what is not known. */
  readonly #ranges = new Int32Array(maxBuckets * 4);

  clear(): void {
    this.count = 0;
  }

  /** Takes the element that was just scanned, and forgets its fields. */
  add(scanner: JsonScanner, bytes: Uint8Array): void {
    const { kinds } = scanner;
    if (kinds[typeSlot] === kindText && this.count < maxBuckets && isBucketType(bytes, scanner.start(typeSlot), scanner.end(typeSlot))) {
      const at = this.count++ * 4;
      const arn = kinds[arnSlots[0]!] !== kindAbsent ? arnSlots[0]! : kinds[arnSlots[1]!] !== kindAbsent ? arnSlots[1]! : arnSlots[2]!;
      const hasArn = kinds[arn] === kindText;
      const hasAccount = kinds[accountSlot] === kindText;
      this.#ranges[at] = hasArn ? nameStart(bytes, scanner.start(arn), scanner.end(arn)) : 0;
      this.#ranges[at + 1] = hasArn ? nameEnd(bytes, this.#ranges[at]!, scanner.end(arn)) : 0;
      this.#ranges[at + 2] = hasAccount ? scanner.start(accountSlot) : 0;
      this.#ranges[at + 3] = hasAccount ? scanner.end(accountSlot) : 0;
    }
    for (let slot = resourcesSlot + 1; slot < elementSlotsEnd; slot++) kinds[slot] = kindAbsent;
  }

  nameStart(bucket: number): number {
    return this.#ranges[bucket * 4]!;
  }

  nameEnd(bucket: number): number {
    return this.#ranges[bucket * 4 + 1]!;
  }

  accountStart(bucket: number): number {
    return this.#ranges[bucket * 4 + 2]!;
  }

  accountEnd(bucket: number): number {
    return this.#ranges[bucket * 4 + 3]!;
  }

  /** The bucket whose name is `bytes[start, end)`; the first one when no name is the same. */
  named(bytes: Uint8Array, start: number, end: number): number {
    for (let bucket = 0; bucket < this.count; bucket++) {
      if (this.nameEnd(bucket) - this.nameStart(bucket) !== end - start) continue;
      let i = 0;
      while (start + i < end && bytes[start + i] === bytes[this.nameStart(bucket) + i]) i++;
      if (start + i === end) return bucket;
    }
    return 0;
  }
}

function isBucketType(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== bucketType.length) return false;
  for (let i = 0; i < bucketType.length; i++) if (bytes[start + i] !== bucketType[i]) return false;
  return true;
}

/** Start of what follows the fifth colon of an ARN; its end when it has fewer. */
function nameStart(bytes: Uint8Array, start: number, end: number): number {
  let colons = 0;
  let p = start;
  for (; p < end && colons < 5; p++) if (bytes[p] === 58) colons++;
  return p;
}

function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end && bytes[p] !== 47) p++;
  return p;
}
