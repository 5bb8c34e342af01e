/** Refuses requests for objects that do not come through an access point of the bucket's account. */
import { policyLimits, sharedReasons, type Control } from './control.js';
import { accountPlaceholder, deny, policyChange, unlessBreakGlass, unlessService } from './policy.js';
import { asPrincipals, breakGlassOf, refuseOthers } from './values.js';

/** IAM's names for what access points serve ("Access point compatibility with S3 operations"). Managing a bucket is not among it. */
const servedActions = [
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:DeleteObjectTagging',
  's3:DeleteObjectVersion',
  's3:DeleteObjectVersionTagging',
  's3:GetObject',
  's3:GetObjectAcl',
  's3:GetObjectAttributes',
  's3:GetObjectLegalHold',
  's3:GetObjectRetention',
  's3:GetObjectTagging',
  's3:GetObjectVersion',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionAttributes',
  's3:GetObjectVersionTagging',
  's3:ListBucket',
  's3:ListBucketMultipartUploads',
  's3:ListBucketVersions',
  's3:ListMultipartUploadParts',
  's3:PutObject',
  's3:PutObjectAcl',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
  's3:PutObjectTagging',
  's3:PutObjectVersionAcl',
  's3:PutObjectVersionTagging',
  's3:RestoreObject',
];

export const accessPointOnly: Control = {
  name: 'access-point-only',
  refuses: 'Refuses reads, writes and lists that do not come through an access point.',
  usage: '[--break-glass ARN...]',
  settings(given) {
    refuseOthers('access-point-only', given, { values: false, options: ['breakGlass'] });
    const breakGlass = breakGlassOf(given.breakGlass);
    return { parameters: { break_glass: breakGlass }, variables: { preview_break_glass: asPrincipals(breakGlass) } };
  },
  reasons: {
    'aws-service': sharedReasons.service,
    'via-service': sharedReasons.viaService,
    'break-glass': sharedReasons.breakGlass,
    'access-point': { verdict: 'passes', why: 'Through an access point.' },
    'foreign-access-point': {
      verdict: 'breaks',
      why: 'Through an access point of another account than that of the bucket.',
    },
    direct: { verdict: 'breaks', why: 'Straight to the bucket.' },
    'website-endpoint': { verdict: 'breaks', why: 'A website endpoint: it is never an access point.' },
    'not-for-access-points': {
      verdict: 'passes',
      why: 'Manages the bucket, which access points do not serve and the policy does not touch.',
    },
    'access-point-unseen': {
      verdict: 'unclear',
      why: 'The line has no field for the access point: it is in access logs since 2021, and in the resources of CloudTrail.',
    },
  },
  change(facts, { parameters }) {
    const condition = {
      StringNotEquals: { 's3:DataAccessPointAccount': facts.accountId ?? accountPlaceholder },
      ...unlessService,
      ...unlessBreakGlass(facts, parameters['break_glass'] as readonly string[]),
    };
    return policyChange(facts, [
      deny(facts, { sid: 'DenyPastAccessPoints', actions: servedActions, on: 'all', condition }),
    ]);
  },
  limits: [
    'The log names the access point, and so its account. Name further accounts beside that of the bucket if theirs may stay.',
    'Callers who come through an access point need a grant in its policy and one in the bucket policy, or one there with s3:DataAccessPointAccount.',
    'A copy to another Region, presigned POST and website endpoints do not work through access points.',
    'Access points for Object Lambda call the access point behind them, which is what counts.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html',
  ],
};
