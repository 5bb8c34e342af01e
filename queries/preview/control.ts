/**
 * What a previewed control is: how its values are written, what each request that it meets comes to and why, what cannot
 * be known from logs, and the change that puts it in place. The judgement itself is `<name>.sql`; the rest is `<name>.ts`.
 */

/**
 * What becomes of a request under the control. `unclear`: the logs do not decide it. `exempt`: the control does not apply
 * to it. `failed`: it failed without the control. `part`: it is counted with the request that it belongs to.
 */
export type Verdict = 'breaks' | 'unclear' | 'passes' | 'exempt' | 'failed' | 'part';

/** One way for a request to meet a control. */
export interface Reason {
  readonly verdict: Verdict;
  /** One sentence, for people. */
  readonly why: string;
}

/** Values of the command line, as they were written; an option that was not given is undefined. */
export interface GivenValues {
  readonly values: readonly string[];
  readonly min?: string;
  readonly vpcEndpoint?: readonly string[];
  readonly breakGlass?: readonly string[];
  readonly distribution?: string;
  readonly days?: string;
  readonly hours?: string;
  readonly timeZone?: string;
}

/** Working hours, as business_hours of the config has them. */
export interface WorkingHours {
  readonly timeZone: string;
  readonly days: readonly string[];
  readonly startMinute: number;
  readonly endMinute: number;
}

/** What one preview asks, checked. */
export interface Settings {
  /** As they are printed. */
  readonly parameters: Readonly<Record<string, string | number | readonly string[]>>;
  /** What the SQL of the control reads with `getvariable`. */
  readonly variables: Readonly<Record<string, string | number | null | readonly string[]>>;
  /** Networks whose addresses are `allowed` in preview_addresses. */
  readonly networks?: readonly string[];
  /** What the next days hold outside the working hours, in milliseconds since 1970. */
  readonly closedPeriods?: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** A bucket as far as the logs and the config know it. */
export interface BucketFacts {
  readonly bucket: string;
  /** Twelve digits; null when nothing says whose it is. */
  readonly accountId: string | null;
  readonly region: string | null;
  readonly partition: 'aws' | 'aws-cn' | 'aws-us-gov';
}

/** What to change, how to do it and how to take it back. */
export interface Change {
  readonly kind: 'bucket-policy' | 'public-access-block' | 'ownership-controls';
  /** The JSON to apply; of a bucket policy the statements to add to the one there is. */
  readonly document: unknown;
  readonly apply: readonly string[];
  readonly undo: readonly string[];
}

/** Requests of one principal to one bucket that met the control in the same way. */
export interface Group {
  readonly bucket: string;
  readonly principal: string;
  readonly reason: string;
  readonly requests: number;
  readonly fromAccessLog: number;
  readonly fromCloudtrail: number;
  readonly bytes: number;
  readonly actions: readonly string[];
  /** ISO 8601, UTC. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** Row ids of the newest. */
  readonly samples: readonly string[];
  readonly accessLogDays: readonly string[];
  readonly cloudtrailDays: readonly string[];
}

export interface Control {
  /** Also the name of its SQL file. */
  readonly name: string;
  /** What it refuses, in a sentence. */
  readonly refuses: string;
  /** The arguments and options that it takes, as the help shows them. */
  readonly usage: string;
  /** Throws `usage` on values that are no values. */
  settings(
    given: GivenValues,
    context: { readonly workingHours: WorkingHours | null; readonly nowMs: number },
  ): Settings;
  /** Every reason that its SQL answers, but for those of the frame. */
  readonly reasons: Readonly<Record<string, Reason>>;
  /** Decides what takes all the requests of a bucket to decide. */
  refine?(groups: readonly Group[]): Group[];
  change(facts: BucketFacts, settings: Settings): Change;
  /** What the logs do not show, and what else to know before applying it. */
  readonly limits: readonly string[];
  readonly references: readonly string[];
}

/** Reasons that every control shares; the frame finds them before the control is asked. */
export const frameReasons: Readonly<Record<string, Reason>> = {
  part: {
    verdict: 'part',
    why: 'A key of a batch delete: it is counted with the one request that named it, and stands or falls with it.',
  },
  lifecycle: {
    verdict: 'exempt',
    why: 'Work that S3 does by itself, such as lifecycle: no bucket policy and no ACL applies to it.',
  },
  preflight: { verdict: 'exempt', why: 'A CORS preflight: it is answered by the CORS rules, not by the policy.' },
  'bucket-created': { verdict: 'exempt', why: 'The bucket did not exist yet when it was created.' },
  'failed-already': { verdict: 'failed', why: 'It failed without the control: refused, not found, or wrong.' },
};

/** What several controls say in the same words. */
export const sharedReasons = {
  service: {
    verdict: 'exempt',
    why: 'An AWS service under its own name, such as log delivery: aws:PrincipalIsAWSService keeps it out of the policy.',
  },
  viaService: {
    verdict: 'exempt',
    why: 'An AWS service on behalf of the caller: aws:ViaAWSService keeps it out of the policy.',
  },
  breakGlass: { verdict: 'exempt', why: 'The break-glass role, which the policy names.' },
  addressUnseen: { verdict: 'unclear', why: 'The log shows no address.' },
  partOfUpload: {
    verdict: 'passes',
    why: 'A part or the end of a multipart upload: its encryption was chosen when it was created.',
  },
  noNewObject: { verdict: 'passes', why: 'It makes no object.' },
} as const satisfies Record<string, Reason>;

/** What is true of every control that is a bucket policy. */
export const policyLimits = [
  'A bucket policy is one document: put these statements into the one there is, and keep what it had.',
  'The account root can always read, write and delete the bucket policy, so nobody is locked out for good.',
  'Requests that a VPC endpoint policy refused, and redirects to another Region, are in no log.',
  'Access logs are delivered with best effort: a request that is missing in both logs is not judged.',
  'The reading side of a copy is in the access log of the source bucket; CloudTrail names the destination only.',
] as const;
