/** The messages, metrics and config in docs/sinks-aws.md are those of the program. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findingSchema, type Finding } from '../../alerts/finding.js';
import { metricPoints } from '../../alerts/metrics.js';
import { chatNotification, type ChatNotification } from '../../alerts/sinks/sns-chat.js';
import { snsMessage } from '../../alerts/sinks/sns-message.js';
import { parseConfig } from '../../config/load.js';
import { packageRoot } from '../../store/sql-files.js';
import { sampleAlert } from '../alerts/sink-conformance.js';
import { fencedBlocks } from './blocks.js';

const page = fs.readFileSync(path.join(packageRoot, 'docs/sinks-aws.md'), 'utf8');
const shown = fencedBlocks(page, 'json').map((json) => JSON.parse(json) as Record<string, unknown>);

const finding = shown.find((block) => 'dedupe_key' in block) as Finding;
const chat = shown.find((block) => block['source'] === 'custom') as unknown as ChatNotification;

describe('docs/sinks-aws.md', () => {
  it('shows a config that is one', () => {
    const [yaml] = fencedBlocks(page, 'yaml');
    expect(parseConfig(yaml!, 'bucketwatch.yaml').sinks.map(({ type }) => type)).toEqual([
      'sns',
      'sns',
      'eventbridge',
      'cloudwatch',
    ]);
  });

  it('shows a finding, and the chat message of that finding', () => {
    expect(findingSchema.safeParse(finding).error).toBeUndefined();
    expect(chatNotification(sampleAlert(finding, { id: chat.id }))).toEqual(chat);
  });

  it('names the attributes that a message has', () => {
    const options = { format: 'json', isFifo: false, renderText: () => '' } as const;
    const { MessageAttributes } = snsMessage(sampleAlert(finding), options);
    const [, named = ''] = /\*\*Filter policies\*\* see ([^]*?)\. High/.exec(page)!;
    const names = Array.from(named.matchAll(/`(\w+)`/g), ([, name]) => name);
    expect(new Set(names)).toEqual(new Set(Object.keys(MessageAttributes!)));
  });

  it('names every metric', () => {
    const catalog = { findings: [], ingestLagMs: 0, alertsUndelivered: 0, deadLetters: 0 };
    const counts = { durationMs: 0, objects: 0, objectsFailed: 0, rejected: 0 };
    const points = metricPoints(
      { atMs: 0, isSuccess: true, ...counts, catalog, detectors: [] },
      { perDetector: false },
    );
    const rows = page.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
    const named = rows.flatMap((row) => Array.from(row.split('|')[1]!.matchAll(/`(\w+)`/g), ([, name]) => name));
    expect(new Set(named)).toEqual(new Set(points.map(({ name }) => name)));
  });
});
