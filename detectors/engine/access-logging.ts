/** Server access logging of a bucket. The marker `logging: ""` is in every call, also in those that switch it on. */
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';
import { bucketOfEvent } from './public-access-block.js';
import { objectOf, textOf, type JsonObject } from './request-parameters.js';

function stateAfter({ parameters }: ConfigurationEvent): JsonObject | null {
  const isStated = parameters !== null && parameters['BucketLoggingStatus'] !== undefined;
  if (!isStated) return null;
  const enabled = objectOf(objectOf(parameters['BucketLoggingStatus'])?.['LoggingEnabled']);
  if (enabled === null) return { enabled: false };
  return { enabled: true, target_bucket: textOf(enabled['TargetBucket']), target_prefix: textOf(enabled['TargetPrefix']) };
}

/** Server access logging; the resource is the bucket that is logged. */
export const serverAccessLogging: Control = {
  name: 'server-access-logging',
  setBy: ['PutBucketLogging'],
  forgottenBy: ['DeleteBucket'],
  resourceOf: bucketOfEvent,
  stateAfter,
  isWeaker: (state, previous) => previous['enabled'] === true && state['enabled'] === false,
  isAllOff: (state) => state['enabled'] === false,
};
