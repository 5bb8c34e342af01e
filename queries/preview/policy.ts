/** Bucket policies as JSON: ARNs of the right partition, and the exceptions that a Deny really needs. */
import type { BucketFacts, Change } from './control.js';

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement that refuses. */
export interface Denial {
  readonly sid: string;
  readonly actions: string | readonly string[];
  /** `objects`: only keys; `all`: the bucket, too. */
  readonly on: 'all' | 'objects';
  readonly condition: Condition;
}

/** What stands where nothing says which account it is. */
export const accountPlaceholder = 'ACCOUNT_ID';

/** What stands for the role that people use when everything else is locked. */
const breakGlassPlaceholder = 'BREAK_GLASS_ROLE';

export function bucketArn({ partition, bucket }: BucketFacts): string {
  return `arn:${partition}:s3:::${bucket}`;
}

export function deny(facts: BucketFacts, { sid, actions, on, condition }: Denial): object {
  const arn = bucketArn(facts);
  return {
    Sid: sid,
    Effect: 'Deny',
    Principal: '*',
    Action: actions,
    Resource: on === 'all' ? [arn, `${arn}/*`] : `${arn}/*`,
    Condition: condition,
  };
}

/**
 * Keeps AWS services out of a Deny, whether under their own name or on behalf of a caller. `IfExists`, because without it
 * a request that lacks the keys, such as an anonymous one, would not be denied.
 */
export const unlessService = {
  BoolIfExists: { 'aws:PrincipalIsAWSService': 'false', 'aws:ViaAWSService': 'false' },
} as const;

/** Keeps only services under their own name out of a Deny: what a service does for a caller is the caller's. */
export const unlessServicePrincipal = { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } } as const;

/** Keeps the roles out of a Deny; without one, a placeholder that must be filled in. */
export function unlessBreakGlass(
  { partition, accountId }: BucketFacts,
  roles: readonly string[],
): { readonly ArnNotLike: Readonly<Record<string, readonly string[]>> } {
  const placeholder = `arn:${partition}:iam::${accountId ?? accountPlaceholder}:role/${breakGlassPlaceholder}`;
  return { ArnNotLike: { 'aws:PrincipalArn': roles.length === 0 ? [placeholder] : [...roles] } };
}

/** The change that adds statements to the policy of a bucket. */
export function policyChange({ bucket: name }: BucketFacts, statements: readonly object[]): Change {
  const bucket = shellWord(name);
  return {
    kind: 'bucket-policy',
    document: { Version: '2012-10-17', Statement: statements },
    apply: [
      `aws s3api get-bucket-policy --bucket ${bucket} --query Policy --output text > before.json`,
      'Put the statements into a copy of before.json, with every capital placeholder filled in, and keep it as after.json.',
      `aws s3api put-bucket-policy --bucket ${bucket} --policy file://after.json`,
    ],
    undo: [
      `aws s3api put-bucket-policy --bucket ${bucket} --policy file://before.json`,
      `If there was no policy before: aws s3api delete-bucket-policy --bucket ${bucket}`,
    ],
  };
}

/** A name as one word of a shell: names come from logs, and a log can hold anything. */
export function shellWord(name: string): string {
  return /^[\w.-]+$/.test(name) && !name.startsWith('-') ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
