/**
 * Whom an ACL lets in, from the three forms in which a request can carry one: the grant list of the body, a canned ACL, and
 * `x-amz-grant-*` headers. Source: AWS "Access control list (ACL) overview", Amazon S3 User Guide.
 */
import { loggedObject, loggedObjects, texts, type LoggedObject } from './logged-shapes.js';

/** `email` is a grant to an account by its owner's address: AWS looks the account up, the log does not say which it is. */
export type Grantee = 'all-users' | 'authenticated-users' | 'canonical-user' | 'email';

/** The permissions of S3, as AWS writes them. */
export type AclPermission = 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP' | 'FULL_CONTROL';

export interface AclGrant {
  readonly grantee: Grantee;
  /** The canonical id (lower case) or the email address; null for the two groups. */
  readonly id: string | null;
  readonly permission: AclPermission;
  /** WRITE, WRITE_ACP and FULL_CONTROL: the grantee can change objects, or let others in. */
  readonly allowsWrite: boolean;
  readonly form: 'grant-list' | 'canned' | 'header';
}

export interface AclContext {
  /** Canonical ids that are no outsiders: the owner's, own ones, those of log delivery; lower case. */
  readonly knownCanonicalUsers: readonly string[];
}

/**
 * Canonical ids of AWS itself: CloudFront standard logs (`awslogsdelivery`), in the aws and the aws-cn partition. Source: AWS
 * "Configure and use standard logs", Amazon CloudFront Developer Guide.
 */
export const logDeliveryCanonicalUsers: readonly string[] = [
  'c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0',
  'a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56',
];

/**
 * The grants of PutBucketAcl, CreateBucket, PutObjectAcl, PutObject and the like to outsiders, in the order of the request; the
 * requestParameters as object or JSON text. The LogDelivery group and the owner that the body names are no outsiders.
 * Never throws: what is not an ACL has no grants.
 */
export function evaluateAcl(
  requestParameters: unknown,
  { knownCanonicalUsers }: AclContext = { knownCanonicalUsers: [] },
): AclGrant[] {
  const request = loggedObject(requestParameters);
  if (request === null) return [];
  const body = loggedObject(request['AccessControlPolicy']);
  const inside = new Set(
    [...knownCanonicalUsers, ...logDeliveryCanonicalUsers, ...ownerOf(body)].map((id) => id.toLowerCase()),
  );
  const holders = [request, ...loggedObjects(request['accessControlList'])];
  const grants = [
    ...grantListOf(body),
    ...holders.flatMap((holder) => [...cannedGrants(holder), ...headerGrants(holder)]),
  ];
  return grants.filter(({ id }) => id === null || !inside.has(id));
}

function ownerOf(body: LoggedObject | null): string[] {
  return texts(loggedObject(body?.['Owner'])?.['ID']);
}

function grantListOf(body: LoggedObject | null): AclGrant[] {
  const list = loggedObject(body?.['AccessControlList']);
  return loggedObjects(list?.['Grant']).flatMap((grant) => listedGrants(grant));
}

function listedGrants(grant: LoggedObject): AclGrant[] {
  const grantee = loggedObject(grant['Grantee']);
  const permission = permissionOf(texts(grant['Permission'])[0] ?? '');
  if (grantee === null || permission === null) return [];
  const names = [
    ...texts(grantee['URI']).map((uri) => namedGrantee('uri', uri)),
    ...texts(grantee['ID']).map((id) => namedGrantee('id', id)),
    ...texts(grantee['EmailAddress']).map((email) => namedGrantee('emailaddress', email)),
  ];
  return names.flatMap((name) => (name === null ? [] : [aclGrant(name, permission, 'grant-list')]));
}

type Named = Pick<AclGrant, 'grantee' | 'id'>;

const allUsers: Named = { grantee: 'all-users', id: null };
const authenticatedUsers: Named = { grantee: 'authenticated-users', id: null };

/** Canned ACLs that let outsiders in. `aws-exec-read` is for EC2, `log-delivery-write` for S3, the others for owners. */
const canned = new Map<string, readonly [Named, AclPermission][]>([
  ['public-read', [[allUsers, 'READ']]],
  [
    'public-read-write',
    [
      [allUsers, 'READ'],
      [allUsers, 'WRITE'],
    ],
  ],
  ['authenticated-read', [[authenticatedUsers, 'READ']]],
]);

function cannedGrants(holder: LoggedObject): AclGrant[] {
  const names = texts(header(holder, 'x-amz-acl'));
  return names.flatMap((name) =>
    (canned.get(name.trim().toLowerCase()) ?? []).map(([named, permission]) => aclGrant(named, permission, 'canned')),
  );
}

const headerPermissions: readonly [string, AclPermission][] = [
  ['x-amz-grant-read', 'READ'],
  ['x-amz-grant-write', 'WRITE'],
  ['x-amz-grant-read-acp', 'READ_ACP'],
  ['x-amz-grant-write-acp', 'WRITE_ACP'],
  ['x-amz-grant-full-control', 'FULL_CONTROL'],
];

function headerGrants(holder: LoggedObject): AclGrant[] {
  return headerPermissions.flatMap(([name, permission]) =>
    texts(header(holder, name)).flatMap((value) =>
      granteesOfHeader(value).map((named) => aclGrant(named, permission, 'header')),
    ),
  );
}

/** The value is a list such as `uri="http://…/AllUsers", id=79a5…`, with quotes or without. */
function granteesOfHeader(value: string): Named[] {
  return value.split(',').flatMap((part) => {
    const [, type, name] = /^\s*(\w+)\s*=\s*["']?([^"']*)/.exec(part) ?? [];
    return type === undefined ? [] : (namedGrantee(type.toLowerCase(), name!.trim()) ?? []);
  });
}

function namedGrantee(type: string, name: string): Named | null {
  if (type === 'uri') return groupOf(name);
  if (name === '') return null;
  if (type === 'id') return { grantee: 'canonical-user', id: name.toLowerCase() };
  return type === 'emailaddress' ? { grantee: 'email', id: name } : null;
}

/** By the end of the URI, which is the same with http and https and in every partition. */
function groupOf(uri: string): Named | null {
  if (/\/global\/AllUsers$/i.test(uri)) return allUsers;
  return /\/global\/AuthenticatedUsers$/i.test(uri) ? authenticatedUsers : null;
}

function header(holder: LoggedObject, name: string): unknown {
  const key = Object.keys(holder).find((one) => one.toLowerCase() === name);
  return key === undefined ? undefined : holder[key];
}

const writing = new Set<AclPermission>(['WRITE', 'WRITE_ACP', 'FULL_CONTROL']);

function permissionOf(written: string): AclPermission | null {
  const name = written.trim().toUpperCase();
  return headerPermissions.find(([, permission]) => permission === name)?.[1] ?? null;
}

function aclGrant(named: Named, permission: AclPermission, form: AclGrant['form']): AclGrant {
  return { ...named, permission, allowsWrite: writing.has(permission), form };
}
