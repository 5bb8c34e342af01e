/** What a webhook is sent: the finding as it is, in a CloudEvents envelope, or as a message of Slack. */
import type { SinkOf } from '../../config/sink-schema.js';
import { isDigest, type Digest } from '../digest.js';
import type { Finding } from '../finding.js';
import type { Alert } from '../outbox.js';
import { shortVisibleText } from '../visible-text.js';

export interface WebhookBody {
  readonly contentType: string;
  readonly text: string;
}

export function webhookBody(alert: Alert, format: SinkOf<'webhook'>['format']): WebhookBody {
  if (format === 'cloudevents') return json(cloudEvent(alert), 'application/cloudevents+json');
  return json(format === 'slack' ? slackMessage(alert.content) : alert.content, 'application/json');
}

function json(body: object, contentType: string): WebhookBody {
  return { contentType, text: JSON.stringify(body) };
}

/** CloudEvents 1.0, structured mode. The id is the alert's: another state of the same finding is another event. */
function cloudEvent({ id, content }: Alert): object {
  return {
    specversion: '1.0',
    id,
    source: 'urn:bucketwatch',
    type: isDigest(content) ? 'bucketwatch.digest' : `bucketwatch.finding.${content.detector}`,
    subject: isDigest(content) ? content.id : content.dedupe_key,
    time: content.created_at,
    datacontenttype: 'application/json',
    data: content,
  };
}

/**
 * Blocks of plain text, in which Slack reads no markup, mentions or links. `text` is what notifications show: it has
 * words of detectors only, and no log text.
 */
function slackMessage(content: Finding | Digest): object {
  const title = `${content.severity}: ${content.title}`;
  const blocks = isDigest(content) ? digestBlocks(content) : findingBlocks(content);
  return {
    text: plain(title, 300),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [{ type: 'header', text: plainText(title, 150) }, ...blocks],
  };
}

function findingBlocks(finding: Finding): object[] {
  const { description, bucket, key, principal, source_ip, account_id, region, event_count, next_steps } = finding;
  const facts = { bucket, key, principal, source: source_ip, account: account_id, region };
  const fields = Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const times = `${finding.first_event_at} to ${finding.last_event_at}, events: ${event_count}, state: ${finding.state}`;
  const steps = next_steps.map((step, index) => `${index + 1}. ${step}`).join(' ');
  return [
    section(description, 2900),
    ...(fields.length === 0 ? [] : [{ type: 'section', fields: fields.map((field) => plainText(field, 1900)) }]),
    ...(steps === '' ? [] : [section(`Next: ${steps}`, 2900)]),
    section(`${times}; bucketwatch findings show ${finding.id.slice(0, 10)}`, 2900),
  ];
}

function digestBlocks({ detectors }: Digest): object[] {
  const lines = detectors.map(({ detector, severity, findings }) => `${findings} ${severity} ${detector}`);
  return [section(lines.join(', '), 2900)];
}

function section(text: string, limit: number): object {
  return { type: 'section', text: plainText(text, limit) };
}

function plainText(text: string, limit: number): object {
  return { type: 'plain_text', text: plain(text, limit) || '-', emoji: false };
}

/** `&`, `<` and `>` are Slack's only control characters; the escapes count for its limits, so the cut comes first. */
function plain(text: string, limit: number): string {
  const shown = shortVisibleText(text, limit)
    .replace(/@(?=here|channel|everyone)/gi, '(at)')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return shown.length <= limit ? shown : plain(text, Math.floor(limit / 2));
}
