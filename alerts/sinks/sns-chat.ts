/**
 * Alerts as custom notifications of Amazon Q Developer in chat applications, which drops everything else without a word
 * (its administrator guide, "Custom notifications", 2026-11). The text is Markdown of Slack or of Teams, so whatever may
 * come from a log stands in a code span, in which neither makes links, mentions or formats.
 */
import type { Digest } from '../digest.js';
import type { Finding } from '../finding.js';
import type { Alert } from '../outbox.js';
import { visibleText } from '../visible-text.js';
import { s3Arns } from './s3-arns.js';

/** The schema, with the lengths that we keep below; AWS documents none. */
export interface ChatNotification {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    /** Messages of one case are one thread where the channel's preferences allow it. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

const maxTitle = 240;
const maxList = 10;

/** `id` is that of the announcement, so that an update is not taken for a repeat; the finding's is in the context. */
export function chatNotification({ id, content }: Alert): ChatNotification {
  const title = `${content.severity.toUpperCase()}: ${chatText(content.title, maxTitle - 20)}`;
  const isFinding = 'evidence' in content;
  const parts = isFinding ? findingParts(content) : digestParts(content);
  const { threadId, eventType, lines, nextSteps, keywords, resources, context } = parts;
  return {
    version: '1.0',
    source: 'custom',
    id,
    content: {
      textType: 'client-markdown',
      title,
      description: lines.join('\n'),
      nextSteps: nextSteps.filter((step) => step.trim() !== '').slice(0, maxList),
      keywords: keywords.filter(isKeyword).slice(0, maxList),
    },
    metadata: {
      threadId,
      summary: title,
      eventType,
      relatedResources: resources.filter(isHarmless).slice(0, maxList),
      additionalContext: Object.fromEntries(Object.entries(context).filter(([, value]) => isHarmless(value))) as Record<
        string,
        string
      >,
    },
  };
}

interface ChatParts {
  readonly threadId: string;
  readonly eventType: string;
  readonly lines: readonly string[];
  readonly nextSteps: readonly string[];
  readonly keywords: readonly (string | null)[];
  readonly resources: readonly (string | null)[];
  readonly context: Readonly<Record<string, string | null>>;
}

function findingParts(finding: Finding): ChatParts {
  const { id, detector, severity, account_id, region, bucket } = finding;
  return {
    threadId: finding.dedupe_key,
    eventType: `finding-${finding.state}`,
    lines: findingLines(finding),
    nextSteps: finding.next_steps.map((step) => chatText(step, 500)),
    keywords: [detector, severity, account_id, region, ...finding.mitre],
    resources: [...s3Arns(finding), finding.principal],
    context: { finding_id: id, detector, severity, account_id, region, bucket },
  };
}

function findingLines(finding: Finding): string[] {
  const { baseline } = finding;
  const span = `${shortTime(finding.first_event_at)} to ${shortTime(finding.last_event_at)} UTC`;
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['who', finding.principal],
    ['from', finding.source_ip],
    ['bucket', finding.bucket],
    ['key', finding.key],
    ['account', finding.account_id],
    ['region', finding.region],
    ['usual', baseline?.expected],
    ['seen', baseline?.observed],
  ];
  return [
    chatText(finding.description, 1200),
    `- events: ${finding.event_count}, ${span}`,
    ...facts.flatMap(([name, value]) => (value ? [`- ${name}: ${codeSpan(value, 250)}`] : [])),
    `- more: \`bucketwatch findings show ${finding.id.slice(0, 10)}\``,
  ];
}

/** `2026-01-31 07:00:05` from ISO 8601. */
function shortTime(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}

const maxDigestLines = 30;

function digestParts({ id, detectors, severity, run_id }: Digest): ChatParts {
  const lines = detectors
    .slice(0, maxDigestLines)
    .map(({ detector, severity, findings }) => `- ${findings} ${severity}: ${codeSpan(detector, 80)}`);
  return {
    threadId: id,
    eventType: 'digest',
    lines: detectors.length > maxDigestLines ? [...lines, `- and ${detectors.length - maxDigestLines} more`] : lines,
    nextSteps: ['`bucketwatch findings list`'],
    keywords: [severity, 'digest'],
    resources: [],
    context: { severity, run_id },
  };
}

/** A name of ours, an account, a Region or `T1562.008`; a log that says otherwise gets no keyword. */
function isKeyword(value: string | null): value is string {
  return value !== null && /^[A-Za-z0-9-]{1,100}(\.\d+)?$/.test(value);
}

/** Also what a custom action may take as a variable: up to 1024 of these characters. */
function isHarmless(value: string | null): value is string {
  return value !== null && /^[A-Za-z0-9.:/+=,_-]{1,256}$/.test(value) && !value.includes('://');
}

/** Words and numbers without anything that either client makes something of; a dot in a word would be a domain. */
const plain = /^(?:[\p{L}\p{N} ,;"'%()+-]|[.:](?= |$)|(?<=\d)[.:](?=\d)|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))*$/u;

/** Prose as it is, and what is more than plain words as a code span. */
function chatText(text: string, length: number): string {
  return text.length <= length && plain.test(text) ? text : codeSpan(text, length);
}

/** Slack takes `&<>` for itself in code too and wants entities; a backtick would end the span. */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '`': '\\x60' };

/**
 * A code span of at most `length` characters. Mentions and addresses of the web are broken up too, for clients that look
 * for them in code: `@` where a name would follow, and the slashes of a scheme.
 */
function codeSpan(text: string, length: number): string {
  const shown = visibleText(text)
    .replace(/(?<![A-Za-z0-9._-])@/g, '\\x40')
    .replaceAll('://', ':\\x2f\\x2f');
  const pieces: string[] = [];
  let size = 3;
  for (const character of shown === '' ? ' ' : shown) {
    const piece = entities[character] ?? character;
    size += piece.length;
    if (size > length) return `\`${pieces.join('')}…\``;
    pieces.push(piece);
  }
  return `\`${pieces.join('')}\``;
}
