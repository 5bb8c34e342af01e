/** Opens an object by its kind. */
import type { OpenObject, SourceKind } from '../source.js';
import { openLocalObject } from './local.js';
import { createS3Opener, type S3OpenerOptions } from './s3.js';
import { openStdin } from './stdin.js';

/** Opens objects of every kind; connections are kept for the next object. */
export function createOpener(options: S3OpenerOptions): OpenObject {
  const openers: Readonly<Record<SourceKind, OpenObject>> = {
    local: openLocalObject,
    stdin: openStdin,
    s3: createS3Opener(options),
  };
  return (object, offset) => openers[object.kind](object, offset);
}
