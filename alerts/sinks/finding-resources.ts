/** What a finding is about, as AWS resources: the nouns that OCSF and ASFF share. */
import type { Finding } from '../finding.js';

export interface FindingResource {
  /** As CloudFormation calls it; principals are no resource type of one kind. */
  readonly type: 'AWS::S3::Bucket' | 'AWS::S3::Object' | 'Principal';
  readonly arn: string;
  readonly name: string;
}

/** The partition of a Region; that of most when it is not known. */
export function partitionOf(region: string | null): 'aws' | 'aws-cn' | 'aws-us-gov' {
  if (region?.startsWith('cn-') === true) return 'aws-cn';
  return region?.startsWith('us-gov-') === true ? 'aws-us-gov' : 'aws';
}

/** Bucket, object and principal, as far as the finding says; the names are log text. */
export function findingResources({
  bucket,
  key,
  principal,
  region,
}: Pick<Finding, 'bucket' | 'key' | 'principal' | 'region'>): FindingResource[] {
  const bucketArn = `arn:${partitionOf(region)}:s3:::${bucket}`;
  return [
    ...(bucket === null ? [] : [{ type: 'AWS::S3::Bucket', arn: bucketArn, name: bucket } as const]),
    ...(bucket === null || key === null
      ? []
      : [{ type: 'AWS::S3::Object', arn: `${bucketArn}/${key}`, name: key } as const]),
    ...(principal === null ? [] : [{ type: 'Principal', arn: principal, name: principal } as const]),
  ];
}
