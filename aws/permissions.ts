/**
 * What the job asks of IAM, as statements for the exact resource: `doctor` prints the one that is missing, and the
 * CloudFormation template in deploy/ grants these and no others (test/deploy/cloudformation.test.ts compares them).
 */

/** One statement of an identity policy, ready to paste. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Where log objects are. */
export interface LogPlace {
  /** `aws`, `aws-us-gov` or `aws-cn`. */
  readonly partition: string;
  readonly bucket: string;
  readonly prefix: string;
}

export function findLogs({ partition, bucket, prefix }: LogPlace): Statement {
  return {
    Sid: 'FindLogs',
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: `arn:${partition}:s3:::${bucket}`,
    ...(prefix === '' ? {} : { Condition: { StringLike: { 's3:prefix': `${prefix}*` } } }),
  };
}

export function readLogs({ partition, bucket, prefix }: LogPlace): Statement {
  return {
    Sid: 'ReadLogs',
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: `arn:${partition}:s3:::${bucket}/${prefix}*`,
  };
}

/** `via` is the host of S3 in the Region of the bucket: the key is used for nothing else. */
export function decryptLogs(keyArn: string, via: string): Statement {
  return {
    Sid: 'DecryptLogs',
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: keyArn,
    Condition: { StringEquals: { 'kms:ViaService': via } },
  };
}

export function receiveNotifications(queueArn: string): Statement {
  return {
    Sid: 'ReceiveNotifications',
    Effect: 'Allow',
    Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
    Resource: queueArn,
  };
}

export function sendFindings(topicArn: string): Statement {
  return { Sid: 'SendFindings', Effect: 'Allow', Action: 'sns:Publish', Resource: topicArn };
}

/** For a topic that is encrypted with a key of one's own. */
export function useTopicKey(keyArn: string): Statement {
  return { Sid: 'UseTopicKey', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: keyArn };
}

export function sendMetrics(namespace: string): Statement {
  return {
    Sid: 'SendMetrics',
    Effect: 'Allow',
    Action: 'cloudwatch:PutMetricData',
    // The action knows no resources; the namespace is what narrows it.
    Resource: '*',
    Condition: { StringEquals: { 'cloudwatch:namespace': namespace } },
  };
}

export function sendEvents(busArn: string): Statement {
  return { Sid: 'SendEvents', Effect: 'Allow', Action: 'events:PutEvents', Resource: busArn };
}

export function importFindings(productArn: string): Statement {
  return { Sid: 'ImportFindings', Effect: 'Allow', Action: 'securityhub:BatchImportFindings', Resource: productArn };
}

export function assumeRole(roleArn: string): Statement {
  return { Sid: 'ReadOtherAccounts', Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn };
}

/** What a refusal of a service says about itself: `… is not authorized to perform: kms:Decrypt on resource: arn:…`. */
export function refusedAction(message: string): { readonly action: string; readonly resource: string | null } | null {
  const match = /not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)(?: on resource:? "?(arn:[^\s"]+))?/.exec(message);
  return match === null ? null : { action: match[1]!, resource: match[2] ?? null };
}

/** The partition of a Region: `cn-north-1` is in `aws-cn`. */
export function partitionOf(region: string | null): string {
  if (region?.startsWith('cn-') === true) return 'aws-cn';
  return region?.startsWith('us-gov-') === true ? 'aws-us-gov' : 'aws';
}
