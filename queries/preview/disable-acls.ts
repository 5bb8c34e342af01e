/** Object Ownership "bucket owner enforced": ACLs are off. */
import type { Control } from './control.js';
import { shellWord } from './policy.js';
import { refuseOthers } from './values.js';

export const disableAcls: Control = {
  name: 'disable-acls',
  refuses: 'Refuses what only an ACL allows, and requests that set an ACL.',
  usage: '',
  settings(given) {
    refuseOthers('disable-acls', given, { values: false, options: [] });
    return { parameters: {}, variables: {} };
  },
  reasons: {
    'allowed-by-acl': { verdict: 'breaks', why: 'It needed an ACL: write the grant into the bucket policy first.' },
    'service-by-acl': {
      verdict: 'breaks',
      why: 'An AWS service that an ACL let in, such as log delivery: grant it in the bucket policy first.',
    },
    'acl-set': { verdict: 'breaks', why: 'It sets an ACL, and would be answered with AccessControlListNotSupported.' },
    'acl-header': {
      verdict: 'breaks',
      why: 'It writes with an ACL other than bucket-owner-full-control, and would be answered with AccessControlListNotSupported.',
    },
    'acl-set-unseen': {
      verdict: 'unclear',
      why: 'It sets an ACL in its body or in headers that the log does not show; only full control for the owner is accepted.',
    },
    'full-control-grant': {
      verdict: 'unclear',
      why: 'It writes with a grant of full control: accepted if that is the bucket owner and nobody else.',
    },
    'owner-acl': { verdict: 'passes', why: 'It sets bucket-owner-full-control, which stays accepted.' },
    'no-acl': { verdict: 'passes', why: 'It neither sets nor needs an ACL.' },
    'acl-header-unseen': {
      verdict: 'unclear',
      why: 'It writes, and the access log does not show whether with an ACL in its headers.',
    },
    'acl-use-unseen': {
      verdict: 'unclear',
      why: 'The log does not say whether an ACL let it in: access logs say it since 2023, CloudTrail data events by aclRequired.',
    },
  },
  change(facts) {
    const bucket = shellWord(facts.bucket);
    return {
      kind: 'ownership-controls',
      document: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      apply: [
        `aws s3api get-bucket-ownership-controls --bucket ${bucket} --query OwnershipControls > before.json`,
        `aws s3api get-bucket-acl --bucket ${bucket} > acl-before.json`,
        `aws s3api put-bucket-acl --bucket ${bucket} --acl private`,
        `aws s3api put-bucket-ownership-controls --bucket ${bucket} --ownership-controls file://after.json`,
      ],
      undo: [
        `aws s3api put-bucket-ownership-controls --bucket ${bucket} --ownership-controls file://before.json`,
        `If there were none before: aws s3api delete-bucket-ownership-controls --bucket ${bucket}`,
        `aws s3api put-bucket-acl --bucket ${bucket} --access-control-policy file://acl-before.json`,
      ],
    };
  },
  limits: [
    'The bucket ACL must grant nobody but the owner before; ACLs of objects are kept and count again when the setting is taken back.',
    'Objects that other accounts wrote become the bucket owner’s.',
    'Headers and bodies that set an ACL are in CloudTrail data events only; reading an ACL keeps working.',
    'A policy condition on s3:x-amz-acl that demands another ACL than bucket-owner-full-control makes writing impossible.',
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-migrating-acls-prerequisites.html',
  ],
};
