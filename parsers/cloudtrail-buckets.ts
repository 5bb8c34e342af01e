/** The buckets among the `resources` of a record, collected while they are scanned. */
import { recordFields, slotOf } from './cloudtrail-fields.js';
import { kindAbsent, kindText, type JsonScanner } from './json-scanner.js';

const bucketType = Buffer.from('AWS::S3::Bucket');
const resourcesSlot = slotOf('resources');
/** The elements are scanned one after another into the same slots. */
const elementSlotsEnd = recordFields.subtreeEnd[resourcesSlot]!;
const typeSlot = slotOf('resources.type');
const accountSlot = slotOf('resources.accountId');
const arnSlots = Int32Array.from(['ARN', 'arn', 'ARNPrefix'], (key) => slotOf(`resources.${key}`));

/** Buckets that are remembered a record; AWS names at most two. */
const maxBuckets = 8;

/** Offsets of bucket names and owners in the block, for strings without escapes. */
export class BucketResources {
  count = 0;
  /** True when only `parseBuckets` can tell: strings with escapes, or very many buckets. */
  isOdd = false;
  /** By bucket: start and end of its name, start and end of its account; 0 for what is not known. */
  readonly #ranges = new Int32Array(maxBuckets * 4);

  clear(): void {
    this.count = 0;
    this.isOdd = false;
  }

  /** Takes the element that was just scanned, and forgets its fields. */
  add(scanner: JsonScanner, bytes: Uint8Array): void {
    const { kinds } = scanner;
    if (scanner.hasOdd) this.isOdd = true;
    else if (kinds[typeSlot] === kindText && isBucketType(bytes, scanner.start(typeSlot), scanner.end(typeSlot))) {
      if (this.count === maxBuckets) this.isOdd = true;
      else this.#add(scanner, bytes, this.count++ * 4);
    }
    for (let slot = resourcesSlot + 1; slot < elementSlotsEnd; slot++) kinds[slot] = kindAbsent;
  }

  #add(scanner: JsonScanner, bytes: Uint8Array, at: number): void {
    const arn = arnSlot(scanner.kinds);
    const hasAccount = scanner.kinds[accountSlot] === kindText;
    const start = arn < 0 ? 0 : nameStart(bytes, scanner.start(arn), scanner.end(arn));
    this.#ranges[at] = start;
    this.#ranges[at + 1] = arn < 0 ? 0 : nameEnd(bytes, start, scanner.end(arn));
    this.#ranges[at + 2] = hasAccount ? scanner.start(accountSlot) : 0;
    this.#ranges[at + 3] = hasAccount ? scanner.end(accountSlot) : 0;
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

/** The slot that holds the ARN, -1 when none does. */
function arnSlot(kinds: Uint8Array): number {
  for (let i = 0; i < arnSlots.length; i++) if (kinds[arnSlots[i]!] === kindText) return arnSlots[i]!;
  return -1;
}

/** A bucket among the resources, '' for what is not known. */
export interface BucketResource {
  readonly name: string;
  readonly account: string;
}

/** The buckets among the resources, the slow way: `json` is the valid JSON of the array. */
export function parseBuckets(json: string): BucketResource[] {
  const resources = JSON.parse(json) as Partial<Record<string, unknown>>[];
  return resources
    .filter((resource) => resource?.['type'] === bucketType.toString())
    .map((resource) => {
      const [arn = ''] = ['ARN', 'arn', 'ARNPrefix']
        .map((key) => resource[key])
        .filter((value) => typeof value === 'string');
      const [name = ''] = arn.split(':').slice(5).join(':').split('/');
      const account = resource['accountId'];
      return { name, account: typeof account === 'string' ? account : '' };
    });
}

/** Compares from the end: the type of an object has the same length and beginning. */
function isBucketType(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== bucketType.length) return false;
  for (let i = bucketType.length - 1; i >= 0; i--) if (bytes[start + i] !== bucketType[i]) return false;
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
