/**
 * A resource policy as it was logged, made uniform: bucket policies are objects, policies of KMS keys and access points
 * are JSON text; every element may be a scalar or a list. What AWS would refuse is named as malformed, never thrown.
 */
import { parseConditions, type Condition } from './condition.js';
import { isLoggedObject, listed, loggedObject, parsedJson, texts, type LoggedObject } from './logged-shapes.js';
import { parsePrincipals, type Principals } from './principals.js';

/** What a statement is about. `actions` is `["*"]` for NotAction and `resources` for NotResource, with the exceptions beside them. */
export interface Scope {
  readonly actions: readonly string[];
  readonly exceptActions: readonly string[];
  readonly resources: readonly string[];
  readonly exceptResources: readonly string[];
}

/** How a statement is called in findings: its Sid, or its place in the policy, counted from 0. */
export type StatementName = string | number;

export interface Statement {
  readonly name: StatementName;
  readonly effect: 'allow' | 'deny';
  readonly principals: Principals;
  readonly scope: Scope;
  readonly conditions: readonly Condition[];
}

/** What is wrong with a policy, in a sentence. */
export interface Malformed {
  readonly malformed: string;
}

/** The statements of a policy given as an object or as JSON text (also JSON text of JSON text, as some records have it). */
export function parsePolicy(policy: unknown): readonly Statement[] | Malformed {
  const document = policyObject(policy);
  if (document === null) return { malformed: `${kindOf(policy)} is not a policy; expected an object or its JSON text` };
  if (exceedsLength(document))
    return { malformed: `the policy has more than ${maxPolicyLength} characters; AWS takes 32,768 at most` };
  if (document['Statement'] === undefined) return { malformed: 'the policy has no Statement' };
  const statements: Statement[] = [];
  for (const [index, item] of listed(document['Statement']).entries()) {
    const statement = parseStatement(item, index);
    if ('malformed' in statement) return statement;
    statements.push(statement);
  }
  return statements;
}

/** Key policies may have 32,768 characters, bucket policies 20,480: AWS KMS and Amazon S3 quotas. What is longer was refused. */
const maxPolicyLength = 40_960;

/** Comparing patterns costs the product of their lengths, so what no policy can be is not compared. */
function exceedsLength(document: LoggedObject): boolean {
  return JSON.stringify(document).length > maxPolicyLength;
}

function policyObject(policy: unknown): LoggedObject | null {
  const inner = typeof policy === 'string' ? parsedJson(policy) : policy;
  return loggedObject(inner);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function parseStatement(item: unknown, index: number): Statement | Malformed {
  if (!isLoggedObject(item)) return { malformed: `statement ${index} is ${kindOf(item)}; expected an object` };
  const effect = texts(item['Effect'])[0]?.toLowerCase();
  if (effect !== 'allow' && effect !== 'deny')
    return { malformed: `statement ${index} has no Effect; expected Allow or Deny` };
  const principals = parsePrincipals(item);
  if (principals === null) return { malformed: `statement ${index} has neither Principal nor NotPrincipal` };
  const scope = parseScope(item);
  if (scope === null) return { malformed: `statement ${index} has neither Action nor NotAction` };
  const conditions = parseConditions(item['Condition']);
  if (conditions === null)
    return { malformed: `statement ${index} has a Condition that is not an object of operators` };
  return { name: texts(item['Sid'])[0] ?? index, effect, principals, scope, conditions };
}

/** A statement without Resource (as trust policies have) is about everything. */
function parseScope(item: LoggedObject): Scope | null {
  if (item['Action'] === undefined && item['NotAction'] === undefined) return null;
  const isExcept = item['NotAction'] !== undefined;
  const isExceptResources = item['NotResource'] !== undefined;
  return {
    actions: isExcept ? ['*'] : texts(item['Action']),
    exceptActions: isExcept ? texts(item['NotAction']) : [],
    resources: isExceptResources || item['Resource'] === undefined ? ['*'] : texts(item['Resource']),
    exceptResources: isExceptResources ? texts(item['NotResource']) : [],
  };
}

/** How deep a policy lies in requestParameters: PutMultiRegionAccessPointPolicyRequest.Details.Policy is the deepest known. */
const maxDepth = 4;

/**
 * The policy in the requestParameters of a call that sets one: `bucketPolicy` (an object), `policy` of KMS and `Policy`
 * of access points (JSON text). Null when there is none; the empty marker `policy: ""` of S3 calls is none.
 */
export function policyOfRequest(requestParameters: unknown): unknown {
  const request = loggedObject(requestParameters);
  if (request === null) return null;
  return isPresent(request['bucketPolicy']) ? request['bucketPolicy'] : nestedPolicy(request, maxDepth);
}

function nestedPolicy(holder: LoggedObject, depth: number): unknown {
  if (depth === 0) return null;
  for (const [key, value] of Object.entries(holder)) {
    if (key.toLowerCase() === 'policy' && isPresent(value)) return value;
    const found = isLoggedObject(value) ? nestedPolicy(value, depth - 1) : null;
    if (found !== null) return found;
  }
  return null;
}

function isPresent(value: unknown): boolean {
  const only = listed(value)[0];
  return isLoggedObject(only) || (typeof only === 'string' && only.trim() !== '');
}
