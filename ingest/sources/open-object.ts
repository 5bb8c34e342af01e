/** Opens an object by its kind. */
import type { OpenObject, SourceKind } from '../source.js';
import { openLocalObject } from './local.js';
import { openStdin } from './stdin.js';

const openers: Readonly<Record<SourceKind, OpenObject>> = {
  local: openLocalObject,
  stdin: openStdin,
};

export const openObject: OpenObject = (object, offset) => openers[object.kind](object, offset);
