/** What `investigate X` may be about, and what X is taken for by how it is written. Pure: nothing is looked up here. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Every kind, under the name that `--as` takes. */
export const subjectKinds = [
  'principal',
  'session',
  'ip',
  'network',
  'access-key',
  'bucket',
  'object',
  'request',
  'finding',
  'vpc-endpoint',
  'user-agent',
] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** What a kind is called in a sentence. */
export const kindNames: Readonly<Record<SubjectKind, string>> = {
  principal: 'a principal',
  session: 'a session of a role',
  ip: 'an address',
  network: 'a network',
  'access-key': 'an access key id',
  bucket: 'a bucket',
  object: 'an object',
  request: 'a request id',
  finding: 'a finding',
  'vpc-endpoint': 'a VPC endpoint',
  'user-agent': 'a user agent',
};

/** One way to read what was given. `value` is normalised: an address without zeros, a bucket without `s3://`. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly value: string;
  /** The object key of kind `object`; null for all others. */
  readonly key: string | null;
}

const subject = (kind: SubjectKind, value: string, key: string | null = null): Subject => ({ kind, value, key });

/** Bucket names (AWS, "General purpose bucket naming rules", 2026); names from before 2018 had capitals and underscores. */
const bucketPattern = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const oldBucketPattern = /^[A-Za-z0-9._-]{3,255}$/;
const accessKeyPattern = /^A[KS]IA[A-Z0-9]{8,124}$/;
/** What principals are called that are no ARN; see `principal` in docs/tables.md. */
const namedPrincipal = /^(?:account|service|canonical|cloudfront):.|^(?:anonymous|unauthenticated)$/;
/** As `findings list` shows principals: without `arn:aws:iam::`, or without the account too. */
const shortArn = /^(?:\d{12}:)?(?:role|user|federated-user)\/.|^\d{12}:root$/;

/**
 * The readings of a text, the likeliest first; never empty. Where there are several, what the lake knows decides. With
 * `kind` the text is read as that and nothing else.
 */
export function readingsOf(text: string, kind?: SubjectKind): Subject[] {
  const given = text.trim();
  if (kind !== undefined) return [readAs(given, kind)];
  return certainReading(given) ?? plainReadings(given);
}

/** Texts that say by themselves what they are. */
function certainReading(text: string): Subject[] | null {
  if (/^arn:/i.test(text)) return [ofArn(text)];
  if (/^s3:\/\//i.test(text)) return [ofPath(text.slice(5))];
  if (namedPrincipal.test(text) || shortArn.test(text)) return [subject('principal', text)];
  if (isIP(text) !== 0) return [subject('ip', normalAddress(text))];
  if (isNetwork(text)) return [subject('network', normalNetwork(text))];
  if (/^\d{12}$/.test(text)) return [subject('principal', `account:${text}`)];
  if (accessKeyPattern.test(text)) return [subject('access-key', text)];
  if (/^vpce-[0-9a-f]+$/.test(text)) return [subject('vpc-endpoint', text)];
  // S3's own request ids have 16 capitals and digits, those of other services are UUIDs.
  if (/^[0-9A-Z]{16}$/.test(text) || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    return [subject('request', text)];
  return null;
}

/** Words that may be several things: the id of a finding, a bucket, the name of a role or user, or a user agent. */
function plainReadings(text: string): Subject[] {
  const slash = text.indexOf('/');
  const bucket = slash < 0 ? text : text.slice(0, slash);
  return [
    ...(/^[0-9a-f]{8,64}$/i.test(text) ? [subject('finding', text.toLowerCase())] : []),
    ...(bucketPattern.test(bucket) ? [ofPath(text)] : []),
    ...(/^[\w+=,.@/-]{1,128}$/.test(text) ? [subject('principal', text)] : []),
    ...(slash < 0 && !bucketPattern.test(text) && oldBucketPattern.test(text) ? [ofPath(text)] : []),
    subject('user-agent', text),
  ];
}

function readAs(text: string, kind: SubjectKind): Subject {
  switch (kind) {
    case 'bucket':
      return subject('bucket', text.replace(/^s3:\/\/|^arn:[^:]*:s3:::/i, '').replace(/\/$/, ''));
    case 'object':
      return ofPath(text.replace(/^s3:\/\/|^arn:[^:]*:s3:::/i, ''));
    case 'ip':
      return subject('ip', isIP(text) === 0 ? text : normalAddress(text));
    case 'network':
      return subject('network', isNetwork(text) ? normalNetwork(text) : text);
    case 'finding':
      return subject('finding', text.toLowerCase());
    default:
      return subject(kind, text);
  }
}

function ofArn(arn: string): Subject {
  const [, partition = '', service = '', , account = '', ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (service === 's3' && account === '') return ofPath(resource);
  const [type, role, session] = resource.split('/');
  if (service !== 'sts' || type !== 'assumed-role' || role === undefined) return subject('principal', arn);
  if (session !== undefined) return subject('session', arn);
  return subject('principal', `arn:${partition}:iam::${account}:role/${role}`);
}

/** `bucket`, `bucket/` or `bucket/key`. */
function ofPath(path: string): Subject {
  const slash = path.indexOf('/');
  if (slash < 0 || slash === path.length - 1) return subject('bucket', path.replace(/\/$/, ''));
  return subject('object', path.slice(0, slash), path.slice(slash + 1));
}

/** The short form that both logs write: `2001:db8::1`. */
function normalAddress(text: string): string {
  return isIP(text) === 6 ? ipaddr.IPv6.parse(text).toString() : text;
}

function isNetwork(text: string): boolean {
  return /^[0-9A-Fa-f:.]+\/\d{1,3}$/.test(text) && ipaddr.isValidCIDR(text);
}

/** The network with its host bits cleared: `198.51.100.77/24` is `198.51.100.0/24`. */
function normalNetwork(text: string): string {
  const isVersion6 = text.includes(':');
  const first = isVersion6 ? ipaddr.IPv6.networkAddressFromCIDR(text) : ipaddr.IPv4.networkAddressFromCIDR(text);
  return `${first.toString()}/${text.split('/')[1]!}`;
}
