/**
 * Who a statement names. Forms of a principal: AWS "Policies and permissions: Principal", IAM User Guide;
 * services, CloudFront origin access identities and the unique ids of deleted principals name nobody outside.
 */
import { isLoggedObject, listed, texts, type LoggedObject } from './logged-shapes.js';
import { hasWildcard } from './policy-pattern.js';

/** One named principal. `arn` null means the whole account, or sessions of which the role's ARN is not known. */
export type Principal =
  | { readonly kind: 'account'; readonly account: string; readonly arn: string | null }
  | { readonly kind: 'canonical-user'; readonly id: string }
  | { readonly kind: 'web-identity'; readonly provider: string }
  | { readonly kind: 'any-identity' }
  | { readonly kind: 'any-service' };

export interface Principals {
  /** Whether the statement is about everybody but the named. */
  readonly isExcept: boolean;
  /** Whether `*` is among the named. `{"AWS": "*"}` is the same as `"*"` and includes anonymous callers. */
  readonly everyone: boolean;
  readonly named: readonly Principal[];
}

/** Principal or NotPrincipal of a statement; null when it has neither. */
export function parsePrincipals(statement: LoggedObject): Principals | null {
  const isExcept = statement['Principal'] === undefined || statement['Principal'] === null;
  const element = isExcept ? statement['NotPrincipal'] : statement['Principal'];
  if (element === undefined || element === null) return null;
  const entries = listed(element).flatMap((item) => entriesOf(item));
  return {
    isExcept,
    everyone: entries.some(({ type, value }) => value === '*' && type !== 'service'),
    named: entries.flatMap((entry) => principalOf(entry) ?? []),
  };
}

interface Entry {
  readonly type: string;
  readonly value: string;
}

function entriesOf(element: unknown): Entry[] {
  if (!isLoggedObject(element)) return texts(element).map((value) => ({ type: 'aws', value }));
  return Object.entries(element).flatMap(([type, values]) =>
    texts(values).map((value) => ({ type: type.toLowerCase(), value: value.trim() })),
  );
}

function principalOf({ type, value }: Entry): Principal | null {
  if (type === 'service') return value === '*' ? { kind: 'any-service' } : null;
  if (value === '*') return null;
  if (type === 'canonicaluser') return { kind: 'canonical-user', id: value.toLowerCase() };
  return awsPrincipal(value) ?? (type === 'federated' ? { kind: 'web-identity', provider: value.toLowerCase() } : null);
}

/** `arn:aws:iam::cloudfront:user/…` has no account of 12 digits, so it is nobody; `AIDA…` and `AROA…` are deleted principals. */
function awsPrincipal(value: string): Principal | null {
  if (/^\d{1,12}$/.test(value)) return { kind: 'account', account: value.padStart(12, '0'), arn: null };
  const [start, , , , account, ...resource] = value.split(':');
  if (start !== 'arn' || account === undefined) return null;
  if (hasWildcard(account)) return { kind: 'any-identity' };
  if (!/^\d{12}$/.test(account)) return null;
  return { kind: 'account', account, arn: isOneIdentity(resource.join(':')) ? value : null };
}

/** A session's ARN (`assumed-role/…`) is not the aws:PrincipalArn that conditions see, which is the role's with its path. */
function isOneIdentity(resource: string): boolean {
  return /^(user|role)\//.test(resource) && !hasWildcard(resource);
}

/** Whether a statement is about a caller who is `principal` to it; null is somebody whom no policy names. */
export function admits({ isExcept, everyone, named }: Principals, principal: Principal | null): boolean {
  if (isExcept) return !everyone && !(principal !== null && named.some((one) => sharesIdentity(one, principal)));
  return everyone || (principal !== null && named.some((one) => includes(one, principal)));
}

/** Whether one named principal includes the other: an account includes its roles and users. */
function includes(wide: Principal, narrow: Principal): boolean {
  if (wide.kind === 'account' && narrow.kind === 'account')
    return wide.account === narrow.account && (wide.arn === null || wide.arn === narrow.arn);
  if (wide.kind === 'canonical-user' && narrow.kind === 'canonical-user') return wide.id === narrow.id;
  if (wide.kind === 'web-identity' && narrow.kind === 'web-identity') return wide.provider === narrow.provider;
  return wide.kind === narrow.kind;
}

/** For NotPrincipal: anybody of a named account may be the exception. */
function sharesIdentity(one: Principal, other: Principal): boolean {
  if (one.kind === 'account' && other.kind === 'account') return one.account === other.account;
  return includes(one, other);
}
