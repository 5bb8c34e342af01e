/** Server access logging of a bucket. */
import { loggingStatus } from '../policy/bucket-settings.js';
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';
import { bucketOfEvent } from './public-access-block.js';

/** Where the logs of a bucket go; the target is null when logging is off. */
export interface AccessLoggingState {
  readonly enabled: boolean;
  readonly target_bucket: string | null;
  readonly target_prefix: string | null;
}

function stateAfter({ parameters }: ConfigurationEvent): AccessLoggingState | null {
  const { present, enabled, targetBucket, targetPrefix } = loggingStatus(parameters);
  return present ? { enabled, target_bucket: targetBucket, target_prefix: targetPrefix } : null;
}

/** Server access logging; the resource is the bucket that is logged. */
export const serverAccessLogging: Control<AccessLoggingState> = {
  name: 'server-access-logging',
  setBy: ['PutBucketLogging'],
  forgottenBy: ['DeleteBucket'],
  resourceOf: bucketOfEvent,
  stateAfter,
  isWeaker: (state, previous) => previous.enabled && !state.enabled,
  isAllOff: (state) => !state.enabled,
};
