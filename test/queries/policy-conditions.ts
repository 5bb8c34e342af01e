/**
 * Evaluates a policy for one request as the IAM User Guide describes it ("IAM JSON policy elements: Condition operators"),
 * written from that page and sharing nothing with the product: the judge of policies that the product prints.
 */
import { BlockList, isIPv6 } from 'node:net';

/** Condition keys of a request; a key that AWS would not send is absent. */
export type RequestContext = Readonly<Record<string, string>>;

export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export function isDenied(policy: unknown, request: Request): boolean {
  return statementsOf(policy).some((statement) => statement.Effect === 'Deny' && applies(statement, request));
}

export function isAllowed(policy: unknown, request: Request): boolean {
  return (
    statementsOf(policy).some((statement) => statement.Effect === 'Allow' && applies(statement, request)) &&
    !isDenied(policy, request)
  );
}

function statementsOf(policy: unknown): readonly Statement[] {
  return (policy as Policy).Statement;
}

function applies({ Action, Resource, Condition = {} }: Statement, { action, resource, context }: Request): boolean {
  return (
    listOf(Action).some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    listOf(Resource).some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, listOf(wanted), valueOf(context, key))),
    )
  );
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** Condition keys are compared without case. */
function valueOf(context: RequestContext, key: string): string | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

const positive: Readonly<Record<string, (wanted: string, found: string) => boolean>> = {
  Bool: (wanted, found) => wanted.toLowerCase() === found.toLowerCase(),
  StringEquals: (wanted, found) => wanted === found,
  StringLike: like,
  ArnLike: like,
  IpAddress: isWithin,
  NumericLessThan: (wanted, found) => Number(found) < Number(wanted),
  DateGreaterThanEquals: (wanted, found) => Date.parse(found) >= Date.parse(wanted),
  DateLessThan: (wanted, found) => Date.parse(found) < Date.parse(wanted),
};

const negative: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
};

function holds(operator: string, wanted: readonly string[], found: string | undefined): boolean {
  if (operator === 'Null') return (found === undefined) === (wanted[0] === 'true');
  const name = operator.replace(/IfExists$/, '');
  const isNegative = name in negative;
  if (found === undefined) return isNegative || operator !== name;
  const matches = positive[isNegative ? negative[name]! : name]!;
  return wanted.some((value) => matches(value, found)) !== isNegative;
}

/** `${*}`, `${?}` and `${$}` stand for themselves ("Policy variables: special characters"). */
function like(pattern: string, text: string): boolean {
  const parts = pattern.match(/\$\{[*?$]\}|[^]/g) ?? [];
  const source = parts.map((part) => {
    if (part === '*') return '[^]*';
    if (part === '?') return '[^]';
    const literal = part.length > 1 && part.startsWith('${') ? part[2]! : part;
    return literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source.join('')}$`).test(text);
}

function isWithin(cidr: string, address: string): boolean {
  const [network, bits] = cidr.split('/') as [string, string];
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return isIPv6(address) === isIPv6(network) && list.check(address, family);
}
