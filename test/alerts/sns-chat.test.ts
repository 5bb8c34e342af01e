/** Messages for Amazon Q Developer in chat applications, against its schema and against what Slack and Teams make of text. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../alerts/digest.js';
import type { Finding } from '../../alerts/finding.js';
import { chatNotification, type ChatNotification } from '../../alerts/sinks/sns-chat.js';
import { hostileFinding } from './hostile-findings.js';
import { sampleAlert, sampleFinding } from './sink-conformance.js';

/**
 * Transcribed from the administrator guide, "Custom notifications using Amazon Q Developer in chat applications", with
 * lengths that chats are known to show. Variables of custom actions: API reference of CustomActionAttachment.
 */
const customNotification = z.strictObject({
  version: z.literal('1.0'),
  source: z.literal('custom'),
  id: z.string().min(1).optional(),
  content: z.strictObject({
    textType: z.literal('client-markdown').optional(),
    title: z.string().min(1).max(250).optional(),
    description: z.string().min(1).max(4000),
    nextSteps: z.array(z.string().min(1)).max(10).optional(),
    keywords: z.array(z.string().min(1)).max(10).optional(),
  }),
  metadata: z
    .strictObject({
      threadId: z.string().min(1).optional(),
      summary: z.string().min(1).optional(),
      eventType: z.string().min(1).optional(),
      relatedResources: z.array(z.string().min(1)).optional(),
      additionalContext: z
        .record(z.string().regex(/^[\w-]{1,100}$/), z.string().regex(/^[\x21-\x7f]{0,1024}$/))
        .optional(),
    })
    .optional(),
});

function notificationOf(fields: Partial<Finding> = {}): ChatNotification {
  return chatNotification(sampleAlert(sampleFinding(fields)));
}

/** What a chat shows. */
function shownTexts({ content, metadata }: ChatNotification): string[] {
  const { title, description, nextSteps, keywords } = content;
  return [title, description, metadata.summary, ...nextSteps, ...keywords];
}

/** What custom actions and threads work with. */
function hiddenTexts({ metadata: { relatedResources, additionalContext } }: ChatNotification): string[] {
  return [...relatedResources, ...Object.values(additionalContext)];
}

/** Text without its code spans, in which neither client looks for markup. */
function outsideCode(text: string): string {
  return text.replace(/`[^`\n]*`/g, '');
}

describe('a chat message', () => {
  it('says what happened, who did it, and what to do', () => {
    const { content, metadata } = notificationOf({
      account_id: '111122223333',
      region: 'eu-central-1',
      source_ip: '203.0.113.7',
    });
    expect(content.title).toBe('HIGH: log objects deleted');
    expect(content.description.split('\n')).toEqual([
      'log objects deleted: 2 objects',
      '- events: 2, 2026-03-01 01:05:00 to 2026-03-01 01:06:00 UTC',
      '- who: `arn:aws:iam::111122223333:role/backup`',
      '- from: `203.0.113.7`',
      '- bucket: `acme-logs`',
      '- account: `111122223333`',
      '- region: `eu-central-1`',
      '- more: `bucketwatch findings show aaaaaaaaaa`',
    ]);
    expect(content.nextSteps).toEqual(['Ask.']);
    expect(content.keywords).toEqual(['log-bucket-object-deleted', 'high', '111122223333', 'eu-central-1', 'T1070']);
    expect(metadata).toMatchObject({ threadId: 'b'.repeat(64), eventType: 'finding-open' });
    expect(metadata.relatedResources).toEqual(['arn:aws:s3:::acme-logs', 'arn:aws:iam::111122223333:role/backup']);
    expect(metadata.additionalContext).toMatchObject({ finding_id: 'a'.repeat(64), bucket: 'acme-logs' });
  });

  it('of an update joins the thread of its case under an id of its own', () => {
    const first = chatNotification(sampleAlert(sampleFinding(), { id: '1'.repeat(64) }));
    const update = chatNotification(sampleAlert(sampleFinding({ state: 'updated' }), { id: '2'.repeat(64) }));
    expect(update.metadata.threadId).toBe(first.metadata.threadId);
    expect(update.id).not.toBe(first.id);
  });

  it('of a digest follows the schema and counts by detector', () => {
    const lines = Array.from({ length: 50 }, (_, index) => ({
      detector: `detector-${index}`,
      severity: 'low' as const,
      findings: 3,
    }));
    const digest = digestOf({ sink: 'sns', runId: 'run-1', createdAt: '2026-03-01T02:00:00.000Z', lines });
    const notification = chatNotification(sampleAlert(digest, { reason: 'digest' }));
    expect(customNotification.safeParse(notification).error).toBeUndefined();
    expect(notification.content.title).toBe('LOW: 150 more findings');
    expect(notification.content.description).toMatch(/^- 3 low: `detector-0`\n[^]*\n- and 20 more$/);
  });

  it.each([
    ['<!channel> <@U012AB3CD>', '`&lt;!channel&gt; &lt;\\x40U012AB3CD&gt;`'],
    ['[your invoice](https://example.com/x)', '`[your invoice](https:\\x2f\\x2fexample.com/x)`'],
    ['a` *bold* `b', '`a\\x60 *bold* \\x60b`'],
    ['line\nfeed\u202e', '`line\\nfeed\\u202e`'],
    ['alice@example.com', '`alice@example.com`'],
  ])('shows a key %j without making anything of it', (key, shown) => {
    expect(notificationOf({ key }).content.description).toContain(`- key: ${shown}\n`);
  });

  it('follows the schema whatever is in the finding', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        const notification = chatNotification(sampleAlert(finding));
        expect(customNotification.safeParse(JSON.parse(JSON.stringify(notification))).error).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('has no link, mention or markup that is not ours, whatever is in the finding', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        const notification = chatNotification(sampleAlert(finding));
        const shown = shownTexts(notification);
        for (const text of [...shown, ...hiddenTexts(notification)])
          expect(text).not.toMatch(/[<>]|:\/\/|(^|[^\w.-])@|[\u202a-\u202e]|(?!\n)\p{Cc}/u);
        for (const text of shown) expect(outsideCode(text)).not.toMatch(/[*~`|[\]\\#!@]|(^|\W)_|_(\W|$)|\w\.[a-z]/u);
      }),
      { numRuns: 200 },
    );
  });
});
