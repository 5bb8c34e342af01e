/** Controls of a bucket that keep its data readable by its owner, or at all: encryption, Object Lock, replication, policy. */
import {
  defaultEncryption,
  objectLock,
  replication,
  usualEncryption,
  type DefaultEncryption,
  type ObjectLock,
  type Replication,
} from '../policy/bucket-protection.js';
import { loggedObject } from '../policy/logged-shapes.js';
import { policyOfRequest } from '../policy/policy-document.js';
import type { Control } from './control.js';
import { bucketOfEvent } from './public-access-block.js';

const ofBuckets = { forgottenBy: ['DeleteBucket'], resourceOf: bucketOfEvent };

/** Encryption by default. Weaker is a KMS key given up for the key of S3, which nobody can withhold from a thief. */
export const bucketEncryption: Control<DefaultEncryption> = {
  ...ofBuckets,
  name: 'default-encryption',
  setBy: ['PutBucketEncryption', 'DeleteBucketEncryption'],
  stateAfter: ({ eventName, parameters }) =>
    eventName.startsWith('Delete') ? usualEncryption : defaultEncryption(parameters),
  isWeaker: (state, previous) => usesKms(previous) && !usesKms(state),
  isAllOff: (state) => !usesKms(state),
};

function usesKms({ algorithm }: DefaultEncryption): boolean {
  return algorithm.startsWith('aws:kms');
}

/** Default retention of new objects. */
export const bucketObjectLock: Control<ObjectLock> = {
  ...ofBuckets,
  name: 'object-lock',
  setBy: ['PutBucketObjectLockConfiguration', 'PutObjectLockConfiguration'],
  stateAfter: ({ parameters }) => objectLock(parameters),
  isWeaker: (state, previous) =>
    state.days < previous.days || (previous.mode === 'COMPLIANCE' && state.mode !== 'COMPLIANCE'),
  isAllOff: ({ mode }) => mode === null,
};

/** Replication to other buckets. */
export const bucketReplication: Control<Replication> = {
  ...ofBuckets,
  name: 'replication',
  setBy: ['PutBucketReplication', 'DeleteBucketReplication'],
  stateAfter: ({ eventName, parameters }) =>
    eventName.startsWith('Delete') ? { destinations: [] } : replication(parameters),
  isWeaker: (state, previous) => previous.destinations.some((one) => !state.destinations.includes(one)),
  isAllOff: ({ destinations }) => destinations.length === 0,
};

/** The policy as it was written; null without one. */
export interface BucketPolicy {
  readonly policy: object | null;
}

/** The bucket policy as a whole: what it allows is judged in policy-grants.ts, here only whether there is one. */
export const bucketPolicy: Control<BucketPolicy> = {
  ...ofBuckets,
  name: 'bucket-policy',
  setBy: ['PutBucketPolicy', 'DeleteBucketPolicy'],
  stateAfter: ({ eventName, parameters }) => {
    if (eventName.startsWith('Delete')) return { policy: null };
    const policy = loggedObject(policyOfRequest(parameters));
    return policy === null ? null : { policy };
  },
  isWeaker: (state, previous) => previous.policy !== null && state.policy === null,
  isAllOff: ({ policy }) => policy === null,
};
