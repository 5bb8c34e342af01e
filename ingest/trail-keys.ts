/** Asks CloudTrail for the public keys that digests of a Region and period are signed with. */
import { clientSettings, type AwsAccess } from '../aws/access.js';
import type { TrailKey } from '../store/log-integrity.js';

/** The period that digests were signed in, milliseconds since 1970. */
export interface KeyPeriod {
  readonly region: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Lists the keys of a Region. Throws what the SDK throws. */
export type ListTrailKeys = (period: KeyPeriod) => Promise<TrailKey[]>;

const dayMs = 86_400_000;
/** A Region has one or two keys at a time; whoever answers for ever is not CloudTrail. */
const maxPages = 20;

/** Keys are listed in the Region of the digest, with the credentials that read it. */
export function listTrailKeys(access: Omit<AwsAccess, 'region'>): ListTrailKeys {
  return async ({ region, fromMs, toMs }) => {
    const { CloudTrailClient, ListPublicKeysCommand } = await import('@aws-sdk/client-cloudtrail');
    const client = new CloudTrailClient(await clientSettings({ ...access, region }));
    try {
      const keys: TrailKey[] = [];
      let next: string | undefined;
      for (let page = 0; page < maxPages; page++) {
        const { PublicKeyList = [], NextToken } = await client.send(
          new ListPublicKeysCommand({
            StartTime: new Date(fromMs - dayMs),
            EndTime: new Date(toMs + dayMs),
            ...(next === undefined ? {} : { NextToken: next }),
          }),
        );
        for (const { Fingerprint, Value } of PublicKeyList) {
          if (Fingerprint !== undefined && Value !== undefined)
            keys.push({ fingerprint: Fingerprint, der: Buffer.from(Value).toString('base64') });
        }
        if (NextToken === undefined) break;
        next = NextToken;
      }
      return keys;
    } finally {
      client.destroy();
    }
  };
}
