/**
 * A finding in the AWS Security Finding Format, version 2018-10-08, within the lengths that Security Hub takes
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html).
 */
import type { AwsSecurityFinding, Resource } from '@aws-sdk/client-securityhub';
import type { Severity } from '../../config/severity.js';
import type { Finding } from '../finding.js';
import { findingResources, partitionOf, type FindingResource } from './finding-resources.js';
import { shortVisibleText } from '../visible-text.js';

/** Who imports: Security Hub takes a finding only for the account that calls it. */
export interface AsffImporter {
  readonly accountId: string;
  readonly region: string;
}

/** Bytes of one finding as JSON. */
const maxBytes = 240_000;

const labels = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
  info: 'INFORMATIONAL',
} as const satisfies Record<Severity, string>;

const resourceTypes: Readonly<Record<FindingResource['type'], string>> = {
  'AWS::S3::Bucket': 'AwsS3Bucket',
  'AWS::S3::Object': 'AwsS3Object',
  Principal: 'Other',
};

/**
 * The finding, with our id as `Id`: a later state of it takes the place of this one, and another episode of the same kind
 * does not.
 */
export function asffFinding(finding: Finding, { accountId, region }: AsffImporter): AwsSecurityFinding {
  const asff: AwsSecurityFinding = {
    SchemaVersion: '2018-10-08',
    Id: finding.id,
    ProductArn: `arn:${partitionOf(region)}:securityhub:${region}:${accountId}:product/${accountId}/default`,
    ProductName: 'bucketwatch',
    GeneratorId: text(finding.detector, 512),
    AwsAccountId: accountId,
    CreatedAt: finding.created_at,
    UpdatedAt: finding.updated_at,
    FirstObservedAt: finding.first_event_at,
    LastObservedAt: finding.last_event_at,
    Title: text(finding.title, 256),
    Description: text(finding.description, 1024),
    Resources: resources(finding, accountId),
    RecordState: finding.state === 'closed' ? 'ARCHIVED' : 'ACTIVE',
    FindingProviderFields: {
      Severity: { Label: labels[finding.severity], Original: finding.severity },
      Types: ['TTPs'],
    },
    ...(finding.next_steps.length === 0
      ? {}
      : { Remediation: { Recommendation: { Text: text(finding.next_steps.join(' '), 512) } } }),
    ProductFields: { ...facts(finding), ...evidence(finding) },
  };
  const isTooLarge = Buffer.byteLength(JSON.stringify(asff)) > maxBytes;
  return isTooLarge ? { ...asff, ProductFields: facts(finding) } : asff;
}

/** At least one, as Security Hub wants it. */
function resources(finding: Finding, accountId: string): Resource[] {
  const region = finding.region === null ? {} : { Region: text(finding.region, 64) };
  const place = { Partition: partitionOf(finding.region), ...region };
  const own = findingResources(finding).map(({ type, arn }) => ({
    Type: resourceTypes[type],
    Id: text(arn, 512),
    ...place,
  }));
  return own.length > 0
    ? own
    : [{ Type: 'AwsAccount', Id: `AWS::::Account:${finding.account_id ?? accountId}`, ...place }];
}

/** Values of at most 2,048 characters; a value that is not there has no field. */
function facts(finding: Finding): Record<string, string> {
  const { dedupe_key, state, detector_version, account_id, source_ip, user_agent, event_count } = finding;
  const { mitre, query, baseline, run_id } = finding;
  const values = {
    dedupe_key,
    state,
    detector_version: String(detector_version),
    account_id,
    source_ip,
    user_agent,
    event_count: String(event_count),
    mitre: mitre.length === 0 ? null : mitre.join(' '),
    baseline: baseline === null ? null : JSON.stringify(baseline),
    query,
    run_id,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[`bucketwatch/${name}`, text(value, 2048)]],
    ),
  );
}

function evidence({ evidence: rows }: Finding): Record<string, string> {
  return Object.fromEntries(
    rows.map((row, index) => [`bucketwatch/evidence/${index}`, text(JSON.stringify(row), 2048)]),
  );
}

/** Security Hub refuses empty and blank texts. */
function text(value: string, limit: number): string {
  const shown = shortVisibleText(value, limit);
  return /\S/.test(shown) ? shown : '-';
}
