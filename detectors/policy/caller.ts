/**
 * The callers that a policy is tried on. A statement is public when a stranger can meet it, so each condition key has, for
 * each kind of caller, the states that the caller can bring about. That one table is the whole list of restricting keys.
 */
import type { KeySubject } from './condition-keys.js';
import type { Principal } from './principals.js';

/** Who can use a grant: the internet, anybody with some AWS account, or the accounts and users that are named. */
export type Audience = 'anonymous' | 'authenticated' | 'cross-account';

/** How a value reads, which decides what a wildcard in it leaves open. */
export type ValueForm = 'account' | 'arn' | 'organization' | 'identifier' | 'user-id' | 'address';

/**
 * What a caller has under a key: nothing, one known value, a value of their own that a policy which names others cannot
 * mean (`foreign`), an ARN in a known account, or whatever suits them (`chosen`).
 */
export type Held =
  | { readonly state: 'absent' }
  | { readonly state: 'known'; readonly value: string; readonly form: ValueForm | null }
  | { readonly state: 'foreign'; readonly form: ValueForm }
  | { readonly state: 'in-account'; readonly account: string }
  | { readonly state: 'chosen' };

export interface Caller {
  readonly audience: Audience;
  /** What the caller is to the Principal element; null is somebody whom no policy names. */
  readonly principal: Principal | null;
  readonly isAnonymous: boolean;
  /** The states that the caller can choose between for one key; every other key is `chosen`. */
  readonly holds: Partial<Readonly<Record<KeySubject, readonly Held[]>>>;
}

const absent: readonly Held[] = [{ state: 'absent' }];
const chosen: readonly Held[] = [{ state: 'chosen' }];
const foreign = (form: ValueForm): readonly Held[] => [{ state: 'foreign', form }];
const known = (value: string, form: ValueForm | null = null): readonly Held[] => [{ state: 'known', value, form }];
const maybe = (held: readonly Held[]): readonly Held[] => [...absent, ...held];

type Holds = Caller['holds'];

/** aws:SourceIp is there on the internet, aws:SourceVpce, SourceVpc and VpcSourceIp through an endpoint, never both. */
const overInternet: Holds = {
  'source-address': foreign('address'),
  'endpoint-id': absent,
  'endpoint-arn': absent,
  'endpoint-address': absent,
  'endpoint-account': absent,
  'endpoint-organization': absent,
};
const overOwnEndpoint: Holds = {
  'source-address': absent,
  'endpoint-id': foreign('identifier'),
  'endpoint-arn': foreign('arn'),
  'endpoint-address': foreign('address'),
  'endpoint-account': foreign('account'),
  'endpoint-organization': maybe(foreign('organization')),
};
const notForOthers: Holds = { 'source-account': absent, 'source-arn': absent, 'source-organization': absent };
const anyAccessPoint: Holds = {
  'access-point-account': maybe(foreign('account')),
  'access-point-arn': maybe(foreign('arn')),
};

/** Values of an unsigned request: AWS "IAM policy elements: Variables", table of principal key values. */
const unsigned: Holds = {
  'principal-account': absent,
  'principal-arn': absent,
  'principal-organization': absent,
  'principal-trait': absent,
  'principal-type': known('Anonymous'),
  'user-id': known('anonymous', 'user-id'),
  'token-claim': absent,
  'via-service': known('false'),
  'service-flag': known('false'),
  'service-name': absent,
  ...notForOthers,
  ...anyAccessPoint,
};

/** Anybody's role or user: names, tags and sessions are theirs to choose, the account and the unique id are not. */
const signed: Holds = {
  'principal-account': foreign('account'),
  'principal-arn': foreign('arn'),
  'principal-organization': maybe(foreign('organization')),
  'user-id': foreign('user-id'),
  'token-claim': foreign('identifier'),
  'service-flag': known('false'),
  'service-name': absent,
  ...notForOthers,
  ...anyAccessPoint,
};

/** An AWS service that works for a stranger's resource: the confused deputy that aws:SourceArn and SourceAccount are against. */
const serviceForStranger: Holds = {
  ...unsigned,
  ...overInternet,
  'source-address': absent,
  'principal-type': chosen,
  'user-id': chosen,
  'service-flag': known('true'),
  'service-name': chosen,
  'source-account': foreign('account'),
  'source-arn': foreign('arn'),
  'source-organization': maybe(foreign('organization')),
};

/** The internet without a signature. */
export const anonymousCaller: Caller = {
  audience: 'anonymous',
  principal: null,
  isAnonymous: true,
  holds: { ...unsigned, ...overInternet },
};

/**
 * Those who need an AWS account. An unsigned request through a VPC endpoint is one of them: only a customer has an endpoint.
 */
export const awsCustomers: readonly Caller[] = [
  { audience: 'authenticated', principal: null, isAnonymous: true, holds: { ...unsigned, ...overOwnEndpoint } },
  { audience: 'authenticated', principal: null, isAnonymous: false, holds: { ...signed, ...overInternet } },
  { audience: 'authenticated', principal: null, isAnonymous: false, holds: { ...signed, ...overOwnEndpoint } },
];

/** See `serviceForStranger`; tried only on statements that say something about the service's source. */
export const strangersService: Caller = {
  audience: 'authenticated',
  principal: { kind: 'any-service' },
  isAnonymous: false,
  holds: serviceForStranger,
};

/**
 * Somebody whom the policy names. Their networks, endpoints and unique ids are not known to us, so conditions on those may
 * be met; their organization counts as none that a policy names, because an organization in a policy is taken as ours.
 */
export function namedCaller(principal: Principal): Caller {
  if (principal.kind === 'account')
    return { audience: 'cross-account', principal, isAnonymous: false, holds: holdsOfAccount(principal) };
  if (principal.kind === 'canonical-user')
    return { audience: 'cross-account', principal, isAnonymous: false, holds: signed };
  return { audience: 'authenticated', principal, isAnonymous: false, holds: { ...signed, ...overInternet } };
}

function holdsOfAccount({ account, arn }: { account: string; arn: string | null }): Holds {
  const anyArn: readonly Held[] = [{ state: 'in-account', account }];
  return {
    'principal-account': known(account, 'account'),
    'principal-arn': arn === null ? anyArn : known(arn, 'arn'),
    'principal-organization': maybe(foreign('organization')),
    'service-flag': known('false'),
    'service-name': absent,
    'source-account': maybe(known(account, 'account')),
    'source-arn': maybe(anyArn),
    'source-organization': maybe(foreign('organization')),
    'access-point-account': maybe(known(account, 'account')),
    'access-point-arn': maybe(anyArn),
    'endpoint-account': maybe(known(account, 'account')),
    'endpoint-arn': maybe(anyArn),
    'endpoint-organization': maybe(foreign('organization')),
  };
}
