/** The buckets among the resources of a record, as parsers/cloudtrail-buckets.ts finds them. */
import { colon, slash } from './bytes';
import { forget, kindOf, kindText, spanEnd, spanStart } from './slots';

const maxBuckets = 8;
/** Of each bucket: start and end of its owner, start and end of its name; zeros for what is not known. */
const buckets = memory.data(maxBuckets * 16, 16);
export let bucketCount: i32 = 0;

/** The slots of an element behind that of the list, in the order of the tree in cloudtrail-fields.ts. */
const typeSlot = 1;
const arnSlots = 2;
const arnSlotsEnd = 5;
const accountSlot = 5;

export function clearBuckets(): void {
  bucketCount = 0;
}

/** Takes the element that was read, and forgets its slots, which end before `end`; false when there are too many. */
export function addBucket(listSlot: i32, end: i32): bool {
  if (isBucket(listSlot + typeSlot)) {
    if (bucketCount === maxBuckets) return false;
    add(listSlot, buckets + ((<usize>bucketCount) << 4));
    bucketCount++;
  }
  forget(listSlot + 1, end);
  return true;
}

function add(listSlot: i32, bucket: usize): void {
  memory.fill(bucket, 0, 16);
  const account = listSlot + accountSlot;
  if (kindOf(account) === kindText) {
    store<u32>(bucket, <u32>spanStart(account));
    store<u32>(bucket, <u32>spanEnd(account), 4);
  }
  for (let slot = listSlot + arnSlots; slot < listSlot + arnSlotsEnd; slot++) {
    if (kindOf(slot) !== kindText) continue;
    const end = spanEnd(slot);
    const from = behindColons(spanStart(slot), end);
    let to = from;
    while (to < end && load<u8>(to) !== slash) to++;
    store<u32>(bucket, <u32>from, 8);
    store<u32>(bucket, <u32>to, 12);
    return;
  }
}

/** What follows the fifth colon of an ARN; its end when it has fewer. */
function behindColons(from: usize, end: usize): usize {
  let colons = 0;
  let at = from;
  for (; at < end && colons < 5; at++) if (load<u8>(at) === colon) colons++;
  return at;
}

/** Whether a slot says AWS::S3::Bucket. */
function isBucket(slot: i32): bool {
  if (kindOf(slot) !== kindText || spanEnd(slot) - spanStart(slot) !== 15) return false;
  const from = spanStart(slot);
  return load<u64>(from) === 0x3a33533a3a535741 && load<u64>(from + 7) === 0x74656b6375423a3a;
}

/** Where start and end of the owner of the bucket of this name are; of the first bucket when none has the name. 0 without buckets. */
export function owner(from: usize, to: usize): usize {
  if (bucketCount === 0) return 0;
  const length = to - from;
  for (let i = 0; i < bucketCount; i++) {
    const bucket = buckets + ((<usize>i) << 4);
    const name = <usize>load<u32>(bucket, 8);
    if (<usize>load<u32>(bucket, 12) - name === length && memory.compare(name, from, length) === 0) return bucket;
  }
  return buckets;
}
