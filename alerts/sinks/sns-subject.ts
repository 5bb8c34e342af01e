/**
 * One line of plain ASCII about an alert: the subject of an e-mail and the text of an SMS. SNS refuses a subject with
 * controls, of 100 characters or more, or of none, and with it the message (API reference of Publish, 2026-11).
 */
import type { Finding } from '../finding.js';
import type { Alert } from '../outbox.js';

const maxSubject = 99;
/** One SMS of the 7-bit alphabet. */
const maxSms = 140;

const reasons: Readonly<Record<Alert['reason'], string>> = {
  first: '',
  severity: ', worse',
  update: ', update',
  closed: ', closed',
  digest: '',
};

export function subjectOf(alert: Alert): string {
  const place = 'evidence' in alert.content ? placeOf(alert.content) : '';
  return asciiLine(`${label(alert)} ${alert.content.title}${place}`, maxSubject);
}

export function smsOf(alert: Alert): string {
  const { content } = alert;
  const more = 'evidence' in content ? `${placeOf(content)}, ${content.event_count} events` : '';
  return asciiLine(`${label(alert)} ${content.title}${more}`, maxSms);
}

function label({ reason, content: { severity } }: Alert): string {
  return `[${severity.toUpperCase()}${reasons[reason]}]`;
}

function placeOf({ bucket, account_id }: Finding): string {
  const account = account_id === null ? '' : ` (${account_id})`;
  return bucket === null ? account : `: ${bucket}${account}`;
}

/** Letters without a decomposition that people write in names of things. */
const spelt: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  '–': '-',
  '—': '-',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '…': '...',
};

/**
 * Printable ASCII on one line: accents are dropped, controls become spaces, what has no counterpart a question mark. Cut
 * to `length`; never empty, because it begins with a label.
 */
export function asciiLine(text: string, length: number): string {
  const ascii = text
    .replace(/[^\x20-\x7e]/gu, (character) => spelt[character] ?? character)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .replace(/ {2,}/g, ' ')
    .trim();
  return ascii.length <= length ? ascii : `${ascii.slice(0, length - 3).trimEnd()}...`;
}
