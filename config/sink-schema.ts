/**
 * Where findings go: one schema a sink type, with the key names of the file on the left and of the program on the
 * right.
 */
import { z } from 'zod';
import { fault, mapping, nullable, oneOf, optional, text } from './mapping.js';
import { filePath, flag, region, roleArn, severity, topicArn, variableName } from './scalars.js';
import type { Severity } from './severity.js';

const minSeverity = (fallback: Severity) =>
  optional(severity, fallback, 'Findings below this severity are not sent here.');
const aws = {
  region: nullable(region, 'Region of the service; null asks the environment.'),
  role_arn: nullable(roleArn, 'Role to assume for sending; null uses the credentials of the environment.'),
};

const stdout = mapping({
  type: z.literal('stdout'),
  format: optional(oneOf(['json', 'text']), 'json', 'json is one finding a line; text is for people.'),
  min_severity: minSeverity('info'),
}).transform(({ min_severity, ...sink }) => ({ ...sink, minSeverity: min_severity }));

const fileSink = { path: filePath.describe('File that findings are appended to.'), min_severity: minSeverity('info') };

const jsonl = mapping({ type: z.literal('jsonl'), ...fileSink }).transform(({ min_severity, ...sink }) => ({
  ...sink,
  minSeverity: min_severity,
}));

const ocsf = mapping({ type: z.literal('ocsf'), ...fileSink }).transform(({ min_severity, ...sink }) => ({
  ...sink,
  minSeverity: min_severity,
}));

const sns = mapping({
  type: z.literal('sns'),
  topic_arn: topicArn.describe('Topic to publish to; its Region is taken from the ARN.'),
  format: optional(
    oneOf(['json', 'text', 'chat']),
    'json',
    'json for programs (with a readable e-mail), text for people, chat for Amazon Q Developer in Slack or Teams, which drops everything else.',
  ),
  role_arn: aws.role_arn,
  min_severity: minSeverity('medium'),
}).transform(({ topic_arn, role_arn, min_severity, ...sink }) => ({
  ...sink,
  topicArn: topic_arn,
  region: topic_arn.split(':')[3]!,
  roleArn: role_arn,
  minSeverity: min_severity,
}));

const cloudwatch = mapping({
  type: z.literal('cloudwatch'),
  namespace: optional(
    text(
      /^(?!AWS\/)[\w.\-/#: ]{1,255}$/,
      'is not a metric namespace',
      'up to 255 letters, digits and .-_/#: that do not begin with AWS/',
    ),
    'bucketwatch',
    'Namespace of the metrics.',
  ),
  method: optional(
    oneOf(['put-metric-data', 'emf']),
    'put-metric-data',
    'put-metric-data calls CloudWatch and knows that it arrived; emf prints log lines on stderr that CloudWatch Logs turns into metrics.',
  ),
  per_detector: optional(flag, false, 'Also publish one metric a detector and severity. Every series is billed.'),
  ...aws,
}).transform(({ per_detector, role_arn, ...sink }) => ({ ...sink, perDetector: per_detector, roleArn: role_arn }));

const eventbridge = mapping({
  type: z.literal('eventbridge'),
  event_bus: optional(
    text(/^[\w./:-]{1,1600}$/, 'is not an event bus', 'a name or an ARN of an event bus'),
    'default',
    'Name or ARN of the event bus.',
  ),
  ...aws,
  min_severity: minSeverity('info'),
}).transform(({ event_bus, role_arn, min_severity, ...sink }) => ({
  ...sink,
  eventBus: event_bus,
  roleArn: role_arn,
  minSeverity: min_severity,
}));

const securityhub = mapping({ type: z.literal('securityhub'), ...aws, min_severity: minSeverity('low') }).transform(
  ({ role_arn, min_severity, ...sink }) => ({ ...sink, roleArn: role_arn, minSeverity: min_severity }),
);

const webhookAddress = text(
  /^(https:\/\/[^\s@]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/\S*)?)$/,
  'is not a webhook address',
  'an https:// address without a user name (http:// only for localhost)',
);

const webhook = mapping({
  type: z.literal('webhook'),
  url: nullable(
    webhookAddress,
    'Address to POST to. Use url_env for one that is a secret itself, as those of chat services are.',
  ),
  url_env: nullable(variableName, 'Environment variable that holds the address.'),
  secret_env: nullable(
    variableName,
    'Environment variable that holds the key of the X-Signature header (HMAC-SHA256 of the body).',
  ),
  format: optional(oneOf(['json', 'cloudevents', 'slack']), 'json', 'Body of the request.'),
  min_severity: minSeverity('medium'),
})
  .refine(
    ({ url, url_env }) => (url === null) !== (url_env === null),
    fault('has no address or two', 'either url or url_env'),
  )
  .transform(({ url_env, secret_env, min_severity, ...sink }) => ({
    ...sink,
    urlEnv: url_env,
    secretEnv: secret_env,
    minSeverity: min_severity,
  }));

/** One entry of `sinks`. */
export const sinkSchema = z.discriminatedUnion(
  'type',
  [stdout, jsonl, sns, cloudwatch, eventbridge, securityhub, ocsf, webhook],
  fault('is not a known sink', 'type: stdout, jsonl, sns, cloudwatch, eventbridge, securityhub, ocsf or webhook'),
);

/** A sink, normalised. Secrets are named by environment variable and read only when a message is sent. */
export type Sink = z.output<typeof sinkSchema>;
/** The sink of one type, for example `SinkOf<'sns'>`. */
export type SinkOf<T extends Sink['type']> = Extract<Sink, { type: T }>;
