/** Refuses reads of objects that do not come through CloudFront with origin access control. */
import { AppError } from '../../config/app-error.js';
import { policyLimits, sharedReasons, type Control } from './control.js';
import { accountPlaceholder, bucketArn, deny, policyChange, unlessBreakGlass } from './policy.js';
import { asPrincipals, breakGlassOf, refuseOthers } from './values.js';

const distributionArn = /^arn:(aws|aws-cn):cloudfront::\d{12}:distribution\/[A-Z0-9]{8,20}$/;

export const cloudfrontOnly: Control = {
  name: 'cloudfront-only',
  refuses: 'Refuses reads of objects that do not come through the CloudFront distribution.',
  usage: '[--distribution ARN] [--break-glass ARN...]',
  settings(given) {
    refuseOthers('cloudfront-only', given, { values: false, options: ['distribution', 'breakGlass'] });
    const { distribution } = given;
    if (distribution !== undefined && !distributionArn.test(distribution))
      throw new AppError(
        'usage',
        `cloudfront-only --distribution ${distribution}: is not a distribution; expected an ARN such as arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE`,
      );
    const breakGlass = breakGlassOf(given.breakGlass);
    return {
      parameters: { ...(distribution === undefined ? {} : { distribution }), break_glass: breakGlass },
      variables: { preview_break_glass: asPrincipals(breakGlass) },
    };
  },
  reasons: {
    cloudfront: {
      verdict: 'passes',
      why: 'CloudFront with origin access control; which distribution, the logs do not say.',
    },
    'break-glass': sharedReasons.breakGlass,
    'no-object-read': { verdict: 'passes', why: 'It reads no object, and the policy refuses nothing else.' },
    'origin-access-identity': {
      verdict: 'breaks',
      why: 'CloudFront with an origin access identity, which sends no aws:SourceArn: move it to origin access control first.',
    },
    'cloudfront-unsigned': {
      verdict: 'breaks',
      why: 'By its user agent CloudFront, but unsigned: turn on origin access control in the distribution first.',
    },
    'website-endpoint': {
      verdict: 'breaks',
      why: 'A website endpoint, for which there is no origin access control: make the bucket itself the origin first.',
    },
    'other-service': { verdict: 'breaks', why: 'Another AWS service reads here: name it in the policy.' },
    'copy-source': { verdict: 'breaks', why: 'A copy reads from here.' },
    direct: { verdict: 'breaks', why: 'Read past CloudFront.' },
  },
  change(facts, { parameters }) {
    const owner = facts.accountId ?? accountPlaceholder;
    const distribution =
      (parameters['distribution'] as string | undefined) ??
      `arn:${facts.partition}:cloudfront::${owner}:distribution/DISTRIBUTION_ID`;
    const allow = {
      Sid: 'AllowCloudFront',
      Effect: 'Allow',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Action: 's3:GetObject',
      Resource: `${bucketArn(facts)}/*`,
      Condition: { StringEquals: { 'aws:SourceArn': distribution } },
    };
    const condition = {
      StringNotEquals: { 'aws:SourceArn': distribution },
      ...unlessBreakGlass(facts, parameters['break_glass'] as readonly string[]),
    };
    const actions = ['s3:GetObject', 's3:GetObjectVersion'];
    return policyChange(facts, [allow, deny(facts, { sid: 'DenyPastCloudFront', actions, on: 'objects', condition })]);
  },
  limits: [
    'The logs do not say which distribution asked: name it with --distribution, or anybody’s distribution with an origin access control could be allowed.',
    'Writes and lists stay as they are, so that deployments keep working; who writes and also reads what they wrote is refused.',
    'Objects encrypted with SSE-KMS need a key policy that lets cloudfront.amazonaws.com decrypt.',
    'A distribution with website features (index documents of folders, redirects) needs a CloudFront function in their place.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html',
  ],
};
