/** Server access logging of a bucket. */
import { accessLogging, type AccessLogging } from '../policy/bucket-settings.js';
import type { Control } from './control.js';
import { bucketOfEvent } from './public-access-block.js';

/** Server access logging; the resource is the bucket that is logged. */
export const serverAccessLogging: Control<AccessLogging> = {
  name: 'server-access-logging',
  setBy: ['PutBucketLogging'],
  forgottenBy: ['DeleteBucket'],
  resourceOf: bucketOfEvent,
  stateAfter: ({ parameters }) => accessLogging(parameters),
  isWeaker: (state, previous) => previous.enabled && !state.enabled,
  isAllOff: (state) => !state.enabled,
};
