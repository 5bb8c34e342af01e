/**
 * What a message of the queue says: S3 event notifications as they come direct, through SNS (wrapped, or raw as if direct)
 * and through EventBridge. Forms: S3 User Guide "Event message structure" and "EventBridge event message structure", 2026.
 */
import { decodeKey } from '../s3/bucket-listing.js';
import { bareEtag, type ListedObject } from '../s3/object-address.js';

export interface NotifiedObject extends ListedObject {
  readonly bucket: string;
}

/** The objects that a message announces, none when it announces something else of S3; null when it is no notification. */
export type Notification = readonly NotifiedObject[] | null;

/** SNS in EventBridge in SNS is as deep as it gets. */
const deepest = 3;

export function readNotification(body: string, depth = 0): Notification {
  const message = parsed(body);
  if (message === null || depth > deepest) return null;
  if (message['Type'] === 'Notification' && typeof message['Message'] === 'string')
    return readNotification(message['Message'], depth + 1);
  // S3 sends it once, when notifications are switched on.
  if (message['Event'] === 's3:TestEvent') return [];
  if (message['source'] === 'aws.s3') return fromEventBridge(message);
  if (Array.isArray(message['Records'])) return fromRecords(message['Records']);
  return null;
}

/** Keys in notifications are encoded like a form. */
function fromRecords(records: readonly unknown[]): Notification {
  const objects: NotifiedObject[] = [];
  for (const each of records) {
    const record = mappingOf(each);
    const name = record['eventName'];
    if (record['eventSource'] !== 'aws:s3' || typeof name !== 'string') return null;
    if (!/^(s3:)?ObjectCreated:/.test(name)) continue;
    const { bucket, object } = mappingOf(record['s3']);
    const { key, size, eTag } = mappingOf(object);
    const announced = objectOf(mappingOf(bucket)['name'], typeof key === 'string' ? decodeKey(key) : null, {
      size,
      etag: eTag,
    });
    if (announced === null) return null;
    objects.push(announced);
  }
  return objects;
}

/** Keys in EventBridge are as they are. */
function fromEventBridge(event: Readonly<Record<string, unknown>>): Notification {
  if (event['detail-type'] !== 'Object Created') return [];
  const { bucket, object } = mappingOf(event['detail']);
  const { key, size, etag } = mappingOf(object);
  const announced = objectOf(mappingOf(bucket)['name'], key, { size, etag });
  return announced === null ? null : [announced];
}

function objectOf(
  bucket: unknown,
  key: unknown,
  { size, etag }: { readonly size: unknown; readonly etag: unknown },
): NotifiedObject | null {
  if (typeof bucket !== 'string' || typeof key !== 'string' || typeof etag !== 'string') return null;
  // The name becomes part of an address, where a slash ends it.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(bucket) || key === '') return null;
  return { bucket, key, etag: bareEtag(etag), size: typeof size === 'number' && size >= 0 ? size : 0 };
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? mappingOf(value) : null;
  } catch {
    return null; // not JSON: somebody else's message
  }
}

function mappingOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
