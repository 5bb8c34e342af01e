/** Access points: the bucket behind each, and what limits a public policy of it. */
import { publicAccessBlock } from '../policy/bucket-settings.js';
import { firstText, loggedObject } from '../policy/logged-shapes.js';
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';

export interface AccessPoint {
  readonly bucket: string | null;
  /** Reached from one VPC only; S3 never takes such an access point for public. */
  readonly is_vpc_only: boolean;
  /** Block Public Access of the access point itself, which cannot be changed later. */
  readonly restricts_public_buckets: boolean;
}

/** An access point; the resource is the account and the name. The switches are on when CreateAccessPoint leaves them out. */
export const accessPoint: Control<AccessPoint> = {
  name: 'access-point',
  setBy: ['CreateAccessPoint'],
  forgottenBy: ['DeleteAccessPoint'],
  resourceOf: ({ parameters, accountId }: ConfigurationEvent) => accessPointName(parameters, accountId),
  stateAfter: ({ parameters }) => {
    const request = loggedObject(parameters?.['CreateAccessPointRequest']);
    if (request === null) return null;
    return {
      bucket: firstText(request['Bucket']),
      is_vpc_only: loggedObject(request['VpcConfiguration']) !== null,
      restricts_public_buckets: publicAccessBlock(request)?.RestrictPublicBuckets ?? true,
    };
  },
  isWeaker: () => false,
  isAllOff: ({ restricts_public_buckets: restricts }) => !restricts,
};

/** Account and name of an access point, as the resource of its control; null when the request names none. */
export function accessPointName(parameters: unknown, accountId: string | null): string | null {
  const name = firstText(loggedObject(parameters)?.['name']);
  return name === null ? null : `${accountId ?? ''}/${name}`;
}
