/** All four settings of Block Public Access, on one bucket. */
import type { Control, Group } from './control.js';
import { shellWord } from './policy.js';
import { refuseOthers } from './values.js';

/** Reasons that show that a bucket's policy lets the internet in. */
const publicPolicy = new Set(['anonymous-by-policy', 'anonymous']);

/** With a public policy, also access that the same policy gives to others by name is refused. */
const withPublicPolicy: Readonly<Record<string, string>> = {
  'other-account': 'other-account-with-public-policy',
  'owner-unknown': 'account-with-public-policy',
  'account-unknown': 'account-with-public-policy',
  'origin-access-identity': 'account-with-public-policy',
};

export const blockPublicAccess: Control = {
  name: 'block-public-access',
  refuses: 'Refuses what only a public policy or a public ACL allows, and new ones.',
  usage: '',
  settings(given) {
    refuseOthers('block-public-access', given, { values: false, options: [] });
    return { parameters: {}, variables: {} };
  },
  reasons: {
    'aws-service': { verdict: 'exempt', why: 'An AWS service under its own name: it stays allowed.' },
    'anonymous-by-policy': {
      verdict: 'breaks',
      why: 'Nobody signed it and it needed no ACL: the bucket policy lets everybody in.',
    },
    'anonymous-by-acl': { verdict: 'breaks', why: 'Nobody signed it and an ACL let it in: public ACLs are ignored.' },
    anonymous: {
      verdict: 'breaks',
      why: 'Nobody signed it: a public policy or a public ACL let it in, the log does not say which.',
    },
    'anonymous-through-endpoint': {
      verdict: 'unclear',
      why: 'Nobody signed it, and it came through a VPC endpoint: a policy for that endpoint alone is not public and stays.',
    },
    'public-acl-set': { verdict: 'breaks', why: 'It sets a public ACL: such requests are refused.' },
    'policy-set': {
      verdict: 'unclear',
      why: 'It sets a policy, which is refused when that policy is public: look at the policy.',
    },
    'acl-set-unseen': {
      verdict: 'unclear',
      why: 'It sets an ACL, which is refused when it is public; the access log does not show the ACL.',
    },
    'acl-header-unseen': {
      verdict: 'unclear',
      why: 'It writes, which is refused with a public ACL in its headers; the access log does not show them.',
    },
    'signed-by-acl': {
      verdict: 'unclear',
      why: 'Signed, and only an ACL let it in: a grant to everybody or to all AWS users is ignored, one by name stays.',
    },
    'own-account': { verdict: 'passes', why: 'The account of the bucket: its own permissions stay.' },
    'other-account': {
      verdict: 'passes',
      why: 'Another account, and no sign of a public policy: a grant by name is not public.',
    },
    'owner-unknown': { verdict: 'passes', why: 'Signed, and no sign of a public policy.' },
    'account-unknown': { verdict: 'passes', why: 'Signed, and no sign of a public policy.' },
    'origin-access-identity': { verdict: 'passes', why: 'CloudFront with an origin access identity: a grant by name.' },
    'other-account-with-public-policy': {
      verdict: 'breaks',
      why: 'Another account at a bucket whose policy is public: only the own account and AWS services stay allowed there.',
    },
    'account-with-public-policy': {
      verdict: 'unclear',
      why: 'The bucket has a public policy, so other accounts are refused; the logs do not say whether this one is.',
    },
  },
  refine(groups): Group[] {
    const isPublic = new Set(groups.filter(({ reason }) => publicPolicy.has(reason)).map(({ bucket }) => bucket));
    return groups.map((group) =>
      isPublic.has(group.bucket) ? { ...group, reason: withPublicPolicy[group.reason] ?? group.reason } : group,
    );
  },
  change(facts) {
    const bucket = shellWord(facts.bucket);
    return {
      kind: 'public-access-block',
      document: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
      apply: [
        `aws s3api get-public-access-block --bucket ${bucket} --query PublicAccessBlockConfiguration > before.json`,
        `aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration file://after.json`,
      ],
      undo: [
        `aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration file://before.json`,
        `If there was none before: aws s3api delete-public-access-block --bucket ${bucket}`,
      ],
    };
  },
  limits: [
    'A policy that lets everybody in only from fixed addresses, VPCs or endpoints (aws:SourceIp, aws:SourceVpc and the like) is not public to AWS: anonymous requests that such a policy allows keep working, and are counted as breaking here.',
    'Whether a request needed an ACL is in access logs since 2023 and in CloudTrail data events; older anonymous requests are counted without saying what let them in.',
    'The account and the organization can have the settings, too, and the strictest counts: what they refuse already is among the requests that fail today.',
    'Access points have settings of their own, which cannot be changed after they are made.',
    'The settings act at once on what exists: no policy and no ACL has to be taken away first, and all of them count again when the settings are taken back.',
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-access-log-requests.html',
  ],
};
