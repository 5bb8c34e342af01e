/** Refuses requests that do not come through one of the VPC endpoints. */
import { AppError } from '../../config/app-error.js';
import { policyLimits, sharedReasons, type Control } from './control.js';
import { deny, policyChange, unlessBreakGlass, unlessService } from './policy.js';
import { asPrincipals, breakGlassOf, endpointsOf, refuseOthers } from './values.js';

export const vpcEndpointOnly: Control = {
  name: 'vpc-endpoint-only',
  refuses: 'Refuses requests that do not come through one of the VPC endpoints.',
  usage: 'ID... [--break-glass ARN...]',
  settings(given) {
    refuseOthers('vpc-endpoint-only', given, { values: true, options: ['breakGlass'] });
    if (given.values.length === 0)
      throw new AppError('usage', 'vpc-endpoint-only: no endpoint given; expected ids such as vpce-0a1b2c3d4e5f60718');
    const endpoints = endpointsOf('vpc-endpoint-only', given.values);
    const breakGlass = breakGlassOf(given.breakGlass);
    return {
      parameters: { vpc_endpoints: endpoints, break_glass: breakGlass },
      variables: { preview_endpoints: endpoints, preview_break_glass: asPrincipals(breakGlass) },
    };
  },
  reasons: {
    'aws-service': sharedReasons.service,
    'via-service': sharedReasons.viaService,
    'break-glass': sharedReasons.breakGlass,
    'endpoint-allowed': { verdict: 'passes', why: 'Through one of the endpoints.' },
    'other-endpoint': { verdict: 'breaks', why: 'Through another VPC endpoint.' },
    'no-endpoint': { verdict: 'breaks', why: 'Not through a VPC endpoint.' },
    'no-endpoint-in-aws': {
      verdict: 'breaks',
      why: 'A public address of AWS, seen by the access log only: exempt if a service made it for the caller, which only CloudTrail shows.',
    },
    'endpoint-unseen': {
      verdict: 'unclear',
      why: 'A private or an IPv6 address, so probably through a VPC endpoint; the access log does not say through which.',
    },
    'endpoint-of-aws': { verdict: 'unclear', why: 'CloudTrail names AWS itself in place of a VPC endpoint.' },
    'address-unseen': { verdict: 'unclear', why: 'The log shows neither an endpoint nor an address.' },
  },
  change(facts, { parameters }) {
    const condition = {
      StringNotEquals: { 'aws:SourceVpce': parameters['vpc_endpoints'] as readonly string[] },
      ...unlessService,
      ...unlessBreakGlass(facts, parameters['break_glass'] as readonly string[]),
    };
    return policyChange(facts, [deny(facts, { sid: 'DenyOtherEndpoints', actions: 's3:*', on: 'all', condition })]);
  },
  limits: [
    'Only CloudTrail data events name the VPC endpoint; without them a private address shows that there was one, not which.',
    'The console does not come through an endpoint: people who manage the bucket there need the break-glass role.',
    'Replication, Batch Operations and other services that take a role of yours are that role, not the service: give their roles to --break-glass.',
    'In a VPC with public addresses of its own, an address alone does not tell; CloudTrail does.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpce',
  ],
};
