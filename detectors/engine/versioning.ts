/** Versioning of a bucket, and MFA delete, which the same call sets. */
import { versioningRequest } from '../policy/bucket-protection.js';
import { bucketOfEvent } from './public-access-block.js';
import type { Control } from './control.js';

/** `Enabled`, `Suspended`, or what else the call said. */
export interface Versioning {
  readonly status: string;
}

/** `Enabled` or `Disabled`. */
export interface MfaDelete {
  readonly mfa_delete: string;
}

const ofBuckets = {
  setBy: ['PutBucketVersioning'],
  forgottenBy: ['DeleteBucket'],
  resourceOf: bucketOfEvent,
};

/** Versioning of a bucket; a call that names no status leaves it as it is. */
export const versioning: Control<Versioning> = {
  ...ofBuckets,
  name: 'versioning',
  stateAfter: ({ parameters }, previous) => {
    const status = versioningRequest(parameters)?.status ?? null;
    return status === null ? previous : { status };
  },
  isWeaker: (state, previous) => isOn(previous.status) && !isOn(state.status),
  isAllOff: ({ status }) => !isOn(status),
};

/** MFA delete of a bucket; most calls do not name it, and leave it as it is. */
export const mfaDelete: Control<MfaDelete> = {
  ...ofBuckets,
  name: 'mfa-delete',
  stateAfter: ({ parameters }, previous) => {
    const written = versioningRequest(parameters)?.mfaDelete ?? null;
    return written === null ? previous : { mfa_delete: written };
  },
  isWeaker: (state, previous) => isOn(previous.mfa_delete) && !isOn(state.mfa_delete),
  isAllOff: (state) => !isOn(state.mfa_delete),
};

function isOn(status: string): boolean {
  return status.toLowerCase() === 'enabled';
}
