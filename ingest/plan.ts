/** Cuts a list of objects into tasks: enough small ones to be worth a message, large access logs in ranges. */
import fs from 'node:fs';
import { sniff } from '../parsers/sniff.js';
import type { SourceObject } from './source.js';
import type { Task } from './worker-messages.js';

const taskBytes = 4 << 20;
const taskObjects = 128;
/** Local access logs from this size on are shared among all threads. */
const sharedFromBytes = 32 << 20;
const rangeBytes = 8 << 20;

/** The tasks for the objects, in their order, which keeps the rows of a day together. */
export function* planTasks(objects: readonly SourceObject[]): Generator<Task> {
  let group: SourceObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    const shared = object.size >= sharedFromBytes && isLocalAccessLog(object);
    if (group.length > 0 && (shared || bytes + object.size > taskBytes || group.length === taskObjects)) {
      yield { objects: group, range: null };
      group = [];
      bytes = 0;
    }
    if (shared) yield* rangesOf(object);
    else {
      group.push(object);
      bytes += object.size;
    }
  }
  if (group.length > 0) yield { objects: group, range: null };
}

function* rangesOf(object: SourceObject): Generator<Task> {
  const ranges = Math.ceil(object.size / rangeBytes);
  const counts = new SharedArrayBuffer(ranges * 4);
  for (let index = 0; index < ranges; index++) {
    const from = index * rangeBytes;
    yield { objects: [object], range: { from, to: Math.min(object.size, from + rangeBytes), index, counts } };
  }
}

function isLocalAccessLog({ kind, uri }: SourceObject): boolean {
  if (kind !== 'local') return false;
  const head = Buffer.alloc(64 << 10);
  try {
    const file = fs.openSync(uri, 'r');
    const length = fs.readSync(file, head);
    fs.closeSync(file);
    return sniff(head.subarray(0, length)) === 'access-log-text';
  } catch {
    // Whoever reads the object meets the same error and reports it with the object.
    return false;
  }
}
