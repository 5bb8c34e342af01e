/**
 * One name for a caller in both logs: a role without its session and path, an IAM user, `account:ID`, `service:NAME`,
 * `canonical:ID`, `cloudfront:ID`, `anonymous`, or `unauthenticated` for a signature that failed.
 */

const canonicalId = /^[0-9a-f]{64}$/;
const cloudfrontCanonicalId = /^[0-9a-f]{96}$/;
const assumedRole = /^arn:([^:]+):sts::([0-9]{12}):assumed-role\/([^/]+)/;
const roleWithPath = /^(arn:[^:]+:iam::[0-9]{12}:role\/).*\//;

/** What S3 does by itself, such as lifecycle. */
const s3Itself = 'service:s3.amazonaws.com';

/** What an access-log row says about its caller. */
export interface Requester {
  readonly requester: string | null;
  readonly isAuthenticated: boolean;
  readonly operation: string | null;
}

export function principalOfRequester({ requester, isAuthenticated, operation }: Requester): string {
  if (requester === null) {
    if (operation?.startsWith('S3.') === true) return s3Itself;
    return isAuthenticated ? 'unauthenticated' : 'anonymous';
  }
  if (requester.startsWith('svc:')) return `service:${requester.slice(4)}`;
  if (requester === 'AmazonS3') return s3Itself;
  if (requester.startsWith('arn:')) return principalOfArn(requester);
  if (canonicalId.test(requester)) return `canonical:${requester}`;
  if (cloudfrontCanonicalId.test(requester)) return `cloudfront:${requester}`;
  return requester;
}

/** What a CloudTrail record says about its caller; null where it says nothing. */
export interface Identity {
  readonly type: string | null;
  readonly arn: string | null;
  readonly accountId: string | null;
  readonly principalId: string | null;
  readonly invokedBy: string | null;
  readonly issuerArn: string | null;
}

export function principalOfIdentity({ type, arn, accountId, principalId, invokedBy, issuerArn }: Identity): string {
  const isAnonymous = /^anonymous(_principal)?$/i.test(accountId ?? '');
  if (isAnonymous && (type === 'AWSAccount' || type === 'Unknown')) return 'anonymous';
  if (type === 'AWSService') return `service:${invokedBy ?? 'unknown'}`;
  if (type === 'Root') return arn ?? `arn:aws:iam::${accountId ?? ''}:root`;
  if (type === 'AWSAccount')
    return accountId === 'CloudFront' ? `cloudfront:${principalId ?? ''}` : `account:${accountId ?? ''}`;
  if (issuerArn !== null && type !== 'FederatedUser') return principalOfArn(issuerArn);
  if (arn !== null) return principalOfArn(arn);
  return principalId === null || principalId === '' ? 'unknown' : principalId;
}

/** The role behind a session, without the path that only some logs show; other ARNs as they are, as both logs name them. */
export function principalOfArn(arn: string): string {
  const session = assumedRole.exec(arn);
  if (session !== null) return `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
  return arn.replace(roleWithPath, '$1');
}

/** The /24 of an IPv4 address, the /48 of an IPv6 address as AWS writes it; null when it is neither. */
export function networkOfAddress(address: string): string | null {
  if (/^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$/.test(address)) return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  if (!/^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/.test(address)) return null;
  const groups = address.toLowerCase().split(':');
  return `${[0, 1, 2].map((nth) => groups[nth] || '0').join(':')}::/48`;
}
