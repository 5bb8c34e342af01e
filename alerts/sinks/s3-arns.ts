/** What a finding is about, as AWS names it. */
import type { Finding } from '../finding.js';

/** The ARNs of its bucket and its object, in the partition of its Region; none with characters that are no text. */
export function s3Arns({ bucket, key, region }: Pick<Finding, 'bucket' | 'key' | 'region'>): string[] {
  if (bucket === null) return [];
  const arn = `arn:${partitionOf(region ?? '')}:s3:::${bucket}`;
  return (key === null ? [arn] : [arn, `${arn}/${key}`]).filter((arn) => !/[\p{Cc}\p{Cs}]/u.test(arn));
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
