/**
 * What each condition key is about. A key that is not here (Referer, UserAgent, SecureTransport, TLS version, tags of the
 * object or request, prefix …) is the caller's own choice, so it restricts nobody. Keys: AWS "global condition context
 * keys", IAM User Guide, and "Actions, resources, and condition keys for Amazon S3" and "… for AWS KMS".
 */

/** What a key tells about a request. */
export type KeySubject =
  | 'principal-account'
  | 'principal-arn'
  | 'principal-organization'
  | 'principal-type'
  | 'principal-trait'
  | 'user-id'
  | 'token-claim'
  | 'via-service'
  | 'service-flag'
  | 'service-name'
  | 'source-address'
  | 'endpoint-id'
  | 'endpoint-arn'
  | 'endpoint-address'
  | 'endpoint-account'
  | 'endpoint-organization'
  | 'source-account'
  | 'source-arn'
  | 'source-organization'
  | 'access-point-account'
  | 'access-point-arn'
  | 'choice';

const subjects = new Map<string, KeySubject>([
  ['aws:principalaccount', 'principal-account'],
  ['kms:calleraccount', 'principal-account'],
  ['aws:principalarn', 'principal-arn'],
  ['aws:principalorgid', 'principal-organization'],
  ['aws:principalorgpaths', 'principal-organization'],
  ['aws:principaltype', 'principal-type'],
  ['aws:userid', 'user-id'],
  ['aws:username', 'principal-trait'],
  ['aws:sourceidentity', 'principal-trait'],
  ['aws:tokenissuetime', 'principal-trait'],
  ['aws:multifactorauthpresent', 'principal-trait'],
  ['aws:multifactorauthage', 'principal-trait'],
  ['aws:federatedprovider', 'principal-trait'],
  ['aws:calledvia', 'principal-trait'],
  ['aws:calledviafirst', 'principal-trait'],
  ['aws:calledvialast', 'principal-trait'],
  ['kms:viaservice', 'principal-trait'],
  ['kms:grantisforawsresource', 'principal-trait'],
  ['aws:viaawsservice', 'via-service'],
  ['aws:principalisawsservice', 'service-flag'],
  ['aws:principalservicename', 'service-name'],
  ['aws:principalservicenameslist', 'service-name'],
  ['aws:sourceip', 'source-address'],
  ['aws:sourcevpce', 'endpoint-id'],
  ['aws:sourcevpc', 'endpoint-id'],
  ['aws:sourcevpcarn', 'endpoint-arn'],
  ['aws:vpcsourceip', 'endpoint-address'],
  ['aws:vpceaccount', 'endpoint-account'],
  ['aws:vpceorgid', 'endpoint-organization'],
  ['aws:vpceorgpaths', 'endpoint-organization'],
  ['aws:sourceaccount', 'source-account'],
  ['aws:sourceowner', 'source-account'],
  ['aws:sourcearn', 'source-arn'],
  ['aws:sourceorgid', 'source-organization'],
  ['aws:sourceorgpaths', 'source-organization'],
  ['s3:dataaccesspointaccount', 'access-point-account'],
  ['s3:dataaccesspointarn', 'access-point-arn'],
]);

/** What a key (lower case) tells. */
export function subjectOf(key: string): KeySubject {
  const known = subjects.get(key);
  if (known !== undefined) return known;
  if (key.startsWith('aws:principaltag/') || key.startsWith('saml:')) return 'principal-trait';
  return /:(aud|azp|oaud|app_id|sub)$/.test(key) ? 'token-claim' : 'choice';
}
