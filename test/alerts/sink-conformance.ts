/** What every sink must do; each sink's test runs it on the real thing or on an emulated one. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../alerts/digest.js';
import type { Finding } from '../../alerts/finding.js';
import type { Alert } from '../../alerts/outbox.js';
import type { Sink } from '../../alerts/sinks/sink.js';
import { AppError } from '../../config/app-error.js';
import { hostileFinding } from './hostile-findings.js';

/** A sink to try, and what arrived at its other end. */
export interface SinkBench {
  readonly sink: Sink;
  /** The findings and digests that arrived so far, in order, as the receiver reads them. */
  readonly received: () => Promise<unknown[]>;
  /** From now on nothing arrives. */
  readonly breakDown: () => Promise<void> | void;
}

export interface SinkCase {
  readonly name: string;
  /** Bytes of the largest finding, as JSON, that this suite sends: a sink shortens what its service would refuse. */
  readonly largest?: number;
  readonly open: () => Promise<SinkBench> | SinkBench;
  /**
   * What the receiver gets of a finding or digest, as `received` answers it; null when it gets nothing. By default all
   * of it.
   */
  readonly seen?: (content: Alert['content']) => unknown;
}

export function sampleFinding(fields: Partial<Finding> = {}): Finding {
  const none = { account_id: null, region: null, key: null, source_ip: null, user_agent: null, baseline: null };
  return {
    schema: 'bucketwatch.finding/1',
    id: 'a'.repeat(64),
    dedupe_key: 'b'.repeat(64),
    state: 'open',
    detector: 'log-bucket-object-deleted',
    detector_version: 1,
    title: 'log objects deleted',
    description: 'log objects deleted: 2 objects',
    severity: 'high',
    ...none,
    bucket: 'acme-logs',
    principal: 'arn:aws:iam::111122223333:role/backup',
    first_event_at: '2026-03-01T01:05:00.000Z',
    last_event_at: '2026-03-01T01:06:00.000Z',
    event_count: 2,
    evidence: [],
    mitre: ['T1070'],
    query: 'select 1',
    next_steps: ['Ask.'],
    created_at: '2026-03-01T02:00:00.000Z',
    updated_at: '2026-03-01T02:00:00.000Z',
    run_id: 'run-1',
    ...fields,
  };
}

export function sampleAlert(content: Alert['content'] = sampleFinding(), fields: Partial<Alert> = {}): Alert {
  return { id: content.id, sink: 'sink', reason: 'first', attempts: 0, content, ...fields };
}

function jsonBytes(finding: Finding): number {
  return Buffer.byteLength(JSON.stringify(finding));
}

function byText(contents: readonly unknown[]): string[] {
  return contents.map((content) => JSON.stringify(content)).toSorted();
}

/** Runs the suite on a sink. */
export function testSink({ name, open, largest = Infinity, seen = (content) => content }: SinkCase): void {
  const arrived = (...contents: readonly Alert['content'][]): unknown[] =>
    contents.map((content) => seen(content)).filter((part) => part !== null);

  describe(`the sink ${name}`, () => {
    test('delivers findings whole and in order', async () => {
      const { sink, received } = await open();
      const findings = ['1', '2', '3'].map((digit) => sampleFinding({ id: digit.repeat(64) }));
      expect(await sink.send(findings.map((finding) => sampleAlert(finding)))).toEqual([]);
      expect(await received()).toEqual(arrived(...findings));
    });

    test('adds to what it delivered before', async () => {
      const { sink, received } = await open();
      await sink.send([sampleAlert()]);
      // Another announcement has another id: a FIFO topic drops what it has seen.
      await sink.send([sampleAlert(sampleFinding({ state: 'updated' }), { id: 'c'.repeat(64) })]);
      expect(await received()).toEqual(arrived(sampleFinding(), sampleFinding({ state: 'updated' })));
    });

    test('delivers a digest', async () => {
      const { sink, received } = await open();
      const lines = [{ detector: 'log-bucket-object-deleted', severity: 'low', findings: 12 }] as const;
      const digest = digestOf({ sink: 'sink', runId: 'run-1', createdAt: '2026-03-01T02:00:00.000Z', lines });
      expect(await sink.send([sampleAlert(digest, { reason: 'digest' })])).toEqual([]);
      expect(await received()).toEqual(arrived(digest));
    });

    test('delivers hostile log text as it is, and as one message', async () => {
      const { sink, received } = await open();
      const finding = sampleFinding({
        key: 'a\n{"b":1}\r\n\u001b[2J\u202e\u0085\u2028\u{e0041}"\\',
        user_agent: '\u0000\u007f',
      });
      await sink.send([sampleAlert(finding)]);
      expect(await received()).toEqual(arrived(finding));
    });

    test('delivers every finding that there can be, as one message', async () => {
      const { sink, received } = await open();
      const sent: Finding[] = [];
      await fc.assert(
        fc.asyncProperty(
          hostileFinding.filter((finding) => jsonBytes(finding) <= largest),
          async (finding) => {
            sent.push(finding);
            expect(await sink.send([sampleAlert(finding)])).toEqual([]);
          },
        ),
        { numRuns: 40 },
      );
      // A FIFO topic keeps the order of a finding, not that of all.
      expect(byText(await received())).toEqual(byText(arrived(...sent)));
    });

    test('sends nothing when there is nothing to send', async () => {
      const { sink, received } = await open();
      expect(await sink.send([])).toEqual([]);
      expect(await received()).toEqual([]);
    });

    test('says that it is broken with an AppError, and what it expected', async () => {
      const { sink, breakDown } = await open();
      await breakDown();
      const error: unknown = await sink.send([sampleAlert()]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(AppError);
      expect((error as AppError).message).toMatch(/; expected /);
    });
  });
}
