/**
 * The AWS Security Finding Format 2018-10-08 with the required attributes, lengths and enumerations that the Security Hub
 * user guide states. Written from there and not from the sink.
 */
import { z } from 'zod';

/** Texts must have something but blanks in them; lengths count characters. */
const text = (limit: number) => z.string().max(limit).regex(/\S/);
const time = z.iso.datetime();

const resource = z.strictObject({
  Type: z.enum(['AwsS3Bucket', 'AwsS3Object', 'AwsAccount', 'Other']),
  Id: text(512),
  Partition: z.enum(['aws', 'aws-cn', 'aws-us-gov']),
  Region: text(64).optional(),
});

export const asff = z
  .strictObject({
    SchemaVersion: z.literal('2018-10-08'),
    Id: text(512),
    ProductArn: z.string().regex(/^arn:aws(-cn|-us-gov)?:securityhub:[a-z0-9-]+:\d{12}:product\/\d{12}\/default$/),
    ProductName: text(128),
    GeneratorId: text(512),
    AwsAccountId: z.string().regex(/^\d{12}$/),
    CreatedAt: time,
    UpdatedAt: time,
    FirstObservedAt: time,
    LastObservedAt: time,
    Title: text(256),
    Description: text(1024),
    Resources: z.array(resource).min(1).max(32),
    RecordState: z.enum(['ACTIVE', 'ARCHIVED']),
    FindingProviderFields: z.strictObject({
      Severity: z.strictObject({
        Label: z.enum(['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']),
        Original: text(64),
      }),
      Types: z
        .array(
          z
            .string()
            .regex(
              /^(Software and Configuration Checks|TTPs|Effects|Unusual Behaviors|Sensitive Data Identifications)(\/[^/]+){0,2}$/,
            ),
        )
        .max(50),
    }),
    Remediation: z.strictObject({ Recommendation: z.strictObject({ Text: text(512) }) }).optional(),
    ProductFields: z.record(text(128), text(2048)).refine((fields) => Object.keys(fields).length <= 50),
  })
  .refine((finding) => Buffer.byteLength(JSON.stringify(finding)) <= 240_000);

/** The body of BatchImportFindings. */
export const importRequest = z
  .strictObject({ Findings: z.array(asff).min(1).max(100) })
  .refine(({ Findings }) => new Set(Findings.map(({ Id }) => Id)).size === Findings.length);
