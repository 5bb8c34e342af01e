/** Refuses requests from addresses outside of networks. */
import { policyLimits, sharedReasons, type Control } from './control.js';
import { deny, policyChange, unlessBreakGlass, unlessService } from './policy.js';
import { asPrincipals, breakGlassOf, endpointsOf, networksOf, refuseOthers } from './values.js';

export const ipAllow: Control = {
  name: 'ip-allow',
  refuses: 'Refuses requests from outside the networks, except through the named VPC endpoints.',
  usage: 'CIDR... [--vpc-endpoint ID...] [--break-glass ARN...]',
  settings(given) {
    refuseOthers('ip-allow', given, { values: true, options: ['vpcEndpoint', 'breakGlass'] });
    const networks = networksOf('ip-allow', given.values);
    const endpoints = endpointsOf('--vpc-endpoint', given.vpcEndpoint ?? []);
    const breakGlass = breakGlassOf(given.breakGlass);
    return {
      parameters: { networks, vpc_endpoints: endpoints, break_glass: breakGlass },
      variables: { preview_endpoints: endpoints, preview_break_glass: asPrincipals(breakGlass) },
      networks,
    };
  },
  reasons: {
    'aws-service': sharedReasons.service,
    'via-service': sharedReasons.viaService,
    'break-glass': sharedReasons.breakGlass,
    'address-allowed': { verdict: 'passes', why: 'An address of the networks.' },
    'endpoint-allowed': { verdict: 'passes', why: 'Through a VPC endpoint that is named.' },
    'address-outside': { verdict: 'breaks', why: 'An address outside the networks.' },
    'address-outside-in-aws': {
      verdict: 'breaks',
      why: 'A public address of AWS outside the networks, seen by the access log only: exempt if a service made it for the caller, which only CloudTrail shows.',
    },
    'through-endpoint': {
      verdict: 'breaks',
      why: 'Through a VPC endpoint that is not named: such a request has no aws:SourceIp, and that is denied.',
    },
    'endpoint-unseen': {
      verdict: 'unclear',
      why: 'A private address, so through a VPC endpoint; the access log does not say through which.',
    },
    'endpoint-of-aws': { verdict: 'unclear', why: 'CloudTrail names AWS itself in place of a VPC endpoint.' },
    'address-unseen': sharedReasons.addressUnseen,
  },
  change(facts, { parameters, networks }) {
    const endpoints = parameters['vpc_endpoints'] as readonly string[];
    const condition = {
      NotIpAddress: { 'aws:SourceIp': [...networks!] },
      ...(endpoints.length === 0 ? {} : { StringNotEquals: { 'aws:SourceVpce': endpoints } }),
      ...unlessService,
      ...unlessBreakGlass(facts, parameters['break_glass'] as readonly string[]),
    };
    return policyChange(facts, [deny(facts, { sid: 'DenyOtherNetworks', actions: 's3:*', on: 'all', condition })]);
  },
  limits: [
    'aws:SourceIp is missing behind a VPC endpoint, and NotIpAddress denies what has none: name the endpoints that are used.',
    'Only CloudTrail shows that a service such as Athena asked for the caller (aws:ViaAWSService); of requests that only the access log has, such ones are counted as breaking.',
    'Replication, Batch Operations and other services that take a role of yours are that role, not the service: give their roles to --break-glass.',
    'CloudFront, Storage Gateway and proxies show their own address, not that of who is behind them.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html',
  ],
};
