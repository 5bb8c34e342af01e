/** Block Public Access of a bucket and of an account: four switches each. */
import { publicAccessBlock, type PublicAccessBlock } from '../policy/bucket-settings.js';
import { firstText } from '../policy/logged-shapes.js';
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';

const allOff: PublicAccessBlock = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};
const switches = Object.keys(allOff) as (keyof PublicAccessBlock)[];

const judgement: Pick<Control<PublicAccessBlock>, 'stateAfter' | 'isWeaker' | 'isAllOff'> = {
  stateAfter: ({ eventName, parameters }) => (eventName.startsWith('Delete') ? allOff : publicAccessBlock(parameters)),
  isWeaker: (state, previous) => switches.some((name) => previous[name] && !state[name]),
  isAllOff: (state) => switches.every((name) => !state[name]),
};

/** AWS's list of logged actions has these, which both levels share; what CloudTrail writes names the level. */
const namesOfTheApi = ['PutPublicAccessBlock', 'DeletePublicAccessBlock'];

function isAboutAccount({ eventName, parameters }: ConfigurationEvent): boolean {
  if (namesOfTheApi.includes(eventName)) return firstText(parameters?.['bucketName']) === null;
  return eventName.includes('Account');
}

/** Block Public Access of a bucket; the resource is the bucket. */
export const bucketPublicAccessBlock: Control<PublicAccessBlock> = {
  ...judgement,
  name: 'bucket-public-access-block',
  setBy: ['PutBucketPublicAccessBlock', 'DeleteBucketPublicAccessBlock', ...namesOfTheApi],
  forgottenBy: ['DeleteBucket'],
  resourceOf: (event) => (isAboutAccount(event) ? null : bucketOfEvent(event)),
};

/** Block Public Access of an account; the resource is the account id. */
export const accountPublicAccessBlock: Control<PublicAccessBlock> = {
  ...judgement,
  name: 'account-public-access-block',
  setBy: ['PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock', ...namesOfTheApi],
  forgottenBy: [],
  resourceOf: (event) => (isAboutAccount(event) ? accountOfEvent(event) : null),
};

/** The bucket of an event about a bucket. */
export function bucketOfEvent({ parameters, resource }: ConfigurationEvent): string | null {
  return firstText(parameters?.['bucketName']) ?? resource;
}

/** The host names the account (`111122223333.s3-control.…`); without it, it is the account whose trail has the record. */
function accountOfEvent({ parameters, accountId }: ConfigurationEvent): string | null {
  const host = firstText(parameters?.['Host']) ?? firstText(parameters?.['host']) ?? '';
  const named = /^(\d{12})\./.exec(host)?.[1] ?? firstText(parameters?.['accountId']);
  return named ?? accountId;
}
