/** Refuses uploads that do not ask for encryption in so many words. */
import { policyLimits, sharedReasons, type Control } from './control.js';
import { deny, policyChange, unlessServicePrincipal } from './policy.js';
import { refuseOthers } from './values.js';

export const denyUnencrypted: Control = {
  name: 'deny-unencrypted',
  refuses: 'Refuses uploads without the header x-amz-server-side-encryption.',
  usage: '',
  settings(given) {
    refuseOthers('deny-unencrypted', given, { values: false, options: [] });
    return { parameters: {}, variables: {} };
  },
  reasons: {
    'aws-service': sharedReasons.service,
    'no-new-object': sharedReasons.noNewObject,
    'part-of-upload': sharedReasons.partOfUpload,
    'header-sent': { verdict: 'passes', why: 'The header was sent.' },
    'no-header': {
      verdict: 'breaks',
      why: 'No header: the default encryption of the bucket did the work, and the policy does not see that.',
    },
    'customer-key': { verdict: 'breaks', why: 'A key of the client (SSE-C), which has another header.' },
    'header-unseen': {
      verdict: 'unclear',
      why: 'The access log does not show headers, and CloudTrail has no complete data event of it.',
    },
  },
  change(facts) {
    const condition = { Null: { 's3:x-amz-server-side-encryption': 'true' }, ...unlessServicePrincipal };
    return policyChange(facts, [
      deny(facts, { sid: 'DenyWithoutEncryptionHeader', actions: 's3:PutObject', on: 'objects', condition }),
    ]);
  },
  limits: [
    'S3 has encrypted every new object since January 2023, header or not: this policy only makes clients say so. sse-kms-only previews the control that decides the key.',
    'Headers are in CloudTrail data events only. In a presigned link the header may stand in the address, which the access log shows.',
    'The condition does not apply to the parts of a multipart upload: its CreateMultipartUpload carries the header.',
    'Replication writes with the permission s3:ReplicateObject, which the policy does not touch.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html',
  ],
};
