/** Block Public Access of a bucket and of an account: four switches each. */
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';
import { isTrue, objectOf, textOf, type JsonObject } from './request-parameters.js';

const switches = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

/** A missing switch is off: the API sets all four every time. */
function stateAfter({ eventName, parameters }: ConfigurationEvent): JsonObject | null {
  const isDelete = eventName.startsWith('Delete');
  const written = isDelete ? {} : objectOf(parameters?.['PublicAccessBlockConfiguration']);
  if (written === null) return null;
  return Object.fromEntries(switches.map((name) => [name, isTrue(written[name])]));
}

const judgement = {
  stateAfter,
  isWeaker: (state: JsonObject, previous: JsonObject) => switches.some((name) => previous[name] === true && state[name] === false),
  isAllOff: (state: JsonObject) => switches.every((name) => state[name] === false),
};

/** Block Public Access of a bucket; the resource is the bucket. */
export const bucketPublicAccessBlock: Control = {
  ...judgement,
  name: 'bucket-public-access-block',
  setBy: ['PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock'],
  forgottenBy: ['DeleteBucket'],
  resourceOf: bucketOfEvent,
};

/** Block Public Access of an account; the resource is the account id. */
export const accountPublicAccessBlock: Control = {
  ...judgement,
  name: 'account-public-access-block',
  setBy: ['PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock'],
  forgottenBy: [],
  resourceOf: accountOfEvent,
};

/** The bucket of an event about a bucket. */
export function bucketOfEvent({ parameters, resource }: ConfigurationEvent): string | null {
  return textOf(parameters?.['bucketName']) ?? resource;
}

/** The host names the account (`111122223333.s3-control.…`); the caller's trail is that account in any other case. */
function accountOfEvent({ parameters, accountId }: ConfigurationEvent): string | null {
  const host = textOf(parameters?.['Host']) ?? textOf(parameters?.['host']) ?? '';
  const named = /^(\d{12})\./.exec(host)?.[1] ?? textOf(parameters?.['accountId']) ?? textOf(parameters?.['x-amz-account-id']);
  return named ?? accountId;
}
