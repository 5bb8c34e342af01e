/**
 * Which statements of a resource policy let outsiders in. Each statement is tried on a few callers (the internet, any AWS customer,
 * everybody whom it names), with the Deny statements that they cannot avoid; a policy is public by one statement, never by its text.
 */
import { areWriting, arePolicyChanging } from './actions.js';
import { anonymousCaller, awsCustomers, namedCaller, strangersService, type Audience, type Caller } from './caller.js';
import { accountInArn, canMeet, mustMeet } from './condition-match.js';
import { subjectOf } from './condition-keys.js';
import { parsePolicy, type Malformed, type Scope, type Statement, type StatementName } from './policy-document.js';
import { admits, type Principal } from './principals.js';
import { deniableScope, type DeniableScope } from './scope.js';

/** Accounts that are no outsiders: 12 digits each. */
export interface PolicyContext {
  /** The account that owns the bucket, key or access point; null when it is not known. */
  readonly ownerAccount: string | null;
  readonly ownAccounts: readonly string[];
  readonly trustedAccounts: readonly string[];
}

/** One statement that lets outsiders do something. */
export interface Grant {
  readonly statement: StatementName;
  /** The widest audience; a statement for everybody that also names an account is `anonymous`. */
  readonly audience: Audience;
  /** Named accounts that are neither the owner's, own nor trusted, sorted. */
  readonly accounts: readonly string[];
  /** Named canonical user ids, sorted. Whose they are is not known here. */
  readonly canonicalUsers: readonly string[];
  /** What is left after Deny; `["*"]` for NotAction and NotResource. */
  readonly actions: readonly string[];
  readonly exceptActions: readonly string[];
  readonly resources: readonly string[];
  readonly exceptResources: readonly string[];
  readonly allowsWrite: boolean;
  readonly allowsPolicyChange: boolean;
  /** The conditions as written. They do not keep the audience out, but can say how much work it has. */
  readonly restrictedBy: readonly string[];
  /** Deny statements that take something, or in `neutralised` everything, from the grant. */
  readonly deniedBy: readonly StatementName[];
  /** Whether it is an Allow for everybody but the named. */
  readonly notPrincipal: boolean;
}

/** `neutralised` are grants that Deny statements take back entirely: worth a note, not an alert. */
export interface PolicyGrants {
  readonly grants: readonly Grant[];
  readonly neutralised: readonly Grant[];
}

/**
 * Evaluates a policy given as object or JSON text. Never throws: what is no policy comes back as `malformed`.
 *
 * - Anonymous: anybody on the internet, unsigned. Authenticated: anybody with an AWS account, also through a VPC endpoint of
 *   their own. Cross-account: named accounts and canonical users. Principals of services are no grant.
 * - Keys that restrict, and to whom, are the table in `caller.ts`. `…IfExists` lets those through who have no such key,
 *   as ForAllValues does; negated operators let everybody else through.
 * - An organization in a condition is taken as ours: the logs do not say whose it is.
 * - A Deny counts when an outsider cannot avoid it: without conditions, or as a guard rail such as
 *   `StringNotEquals aws:PrincipalOrgID` and `NotIpAddress aws:SourceIp`. `aws:SecureTransport` and the like are avoided.
 */
export function evaluatePolicy(policy: unknown, context: PolicyContext): PolicyGrants | Malformed {
  const statements = parsePolicy(policy);
  if ('malformed' in statements) return statements;
  const denies = statements.filter(({ effect }) => effect === 'deny');
  const grants: Grant[] = [];
  const neutralised: Grant[] = [];
  for (const statement of statements) {
    if (statement.effect === 'deny') continue;
    const trial: Trial = {
      statement,
      denies,
      scope: deniableScope(
        statement.scope,
        denies.map(({ scope }) => scope),
      ),
    };
    const admitted = candidates(statement, context)
      .filter((caller) => isAdmitted(statement, caller))
      .map((caller) => accessOf(caller, trial));
    const left = admitted.filter(({ scope }) => scope !== null);
    if (left.length > 0) grants.push(grantOf(trial, left));
    else if (admitted.some(({ binding }) => binding.length > 0)) neutralised.push(grantOf(trial, admitted));
  }
  return { grants, neutralised };
}

/** A statement on trial, with everything that is compared only once. */
interface Trial {
  readonly statement: Statement;
  readonly denies: readonly Statement[];
  readonly scope: DeniableScope;
}

function isAdmitted({ principals, conditions }: Statement, caller: Caller): boolean {
  return admits(principals, caller.principal) && canMeet(conditions, caller);
}

function candidates({ principals, conditions }: Statement, context: PolicyContext): Caller[] {
  const inside = new Set([context.ownerAccount, ...context.ownAccounts, ...context.trustedAccounts]);
  const named = principals.isExcept ? [] : principals.named;
  const fromConditions = principals.everyone !== principals.isExcept ? accountsOfConditions({ conditions }) : [];
  const outsiders = [...named, ...fromConditions].filter((one) => one.kind !== 'account' || !inside.has(one.account));
  const callers = outsiders.filter(({ kind }) => kind !== 'any-service').map((one) => namedCaller(one));
  const isForServices = conditions.some(
    ({ key }) => subjectOf(key).startsWith('source-') && subjectOf(key) !== 'source-address',
  );
  return [
    anonymousCaller,
    ...awsCustomers,
    ...(isForServices || named.some(({ kind }) => kind === 'any-service') ? [strangersService] : []),
    ...callers,
  ];
}

/** Accounts that a statement for everybody is narrowed to by its conditions. */
function accountsOfConditions({ conditions }: Pick<Statement, 'conditions'>): Principal[] {
  const accounts = conditions
    .filter(({ isNegated }) => !isNegated)
    .flatMap(({ key, values }) => {
      const subject = subjectOf(key);
      if (subject.endsWith('-account')) return values.filter((value) => /^\d{12}$/.test(value));
      return subject.endsWith('-arn') ? values.flatMap((value) => accountInArn(value) ?? []) : [];
    });
  return [...new Set(accounts)].map((account) => ({ kind: 'account', account, arn: null }));
}

/** What one caller gets; `scope` null is nothing, and `binding` are the Deny statements that they cannot avoid. */
interface Access {
  readonly caller: Caller;
  readonly scope: Scope | null;
  readonly binding: readonly number[];
}

function accessOf(caller: Caller, { denies, scope }: Trial): Access {
  const binding = denies.flatMap((deny, index) =>
    admits(deny.principals, caller.principal) && mustMeet(deny.conditions, caller) ? [index] : [],
  );
  return { caller, scope: scope.without(binding), binding };
}

const widestFirst: readonly Audience[] = ['anonymous', 'authenticated', 'cross-account'];

/** The grant to the widest audience among them. Of a neutralised one, actions and resources are those of the statement. */
function grantOf({ statement, denies, scope }: Trial, accesses: readonly Access[]): Grant {
  const audience = widestFirst.find((one) => accesses.some(({ caller }) => caller.audience === one))!;
  const widest = accesses.filter(({ caller }) => caller.audience === audience);
  const scopes = widest.map((access) => access.scope ?? statement.scope);
  const { exceptActions, exceptResources } = statement.scope;
  const actions = unionOf(scopes.map((one) => one.actions));
  const binding = new Set(widest.flatMap((access) => access.binding));
  return {
    statement: statement.name,
    audience,
    accounts: namesOf(accesses, ({ principal }) => (principal?.kind === 'account' ? principal.account : null)),
    canonicalUsers: namesOf(accesses, ({ principal }) => (principal?.kind === 'canonical-user' ? principal.id : null)),
    actions,
    exceptActions,
    resources: unionOf(scopes.map((one) => one.resources)),
    exceptResources,
    allowsWrite: areWriting(actions, exceptActions),
    allowsPolicyChange: arePolicyChanging(actions, exceptActions),
    restrictedBy: statement.conditions.map(({ written }) => written),
    deniedBy: denies.flatMap(({ name }, index) => (binding.has(index) && scope.isTouchedBy(index) ? [name] : [])),
    notPrincipal: statement.principals.isExcept,
  };
}

/** Most callers share one list, so lists are compared by identity first. */
function unionOf(lists: readonly (readonly string[])[]): string[] {
  return [...new Set([...new Set(lists)].flat())];
}

function namesOf(accesses: readonly Access[], nameOf: (caller: Caller) => string | null): string[] {
  return [...new Set(accesses.flatMap(({ caller }) => nameOf(caller) ?? []))].sort();
}
