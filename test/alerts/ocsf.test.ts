/** The OCSF file: valid events, and the words of the finding where a SIEM looks for them. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../alerts/digest.js';
import { ocsfSink } from '../../alerts/sinks/ocsf.js';
import { ocsfEvent } from '../../alerts/sinks/ocsf-event.js';
import { temporaryFolder } from '../temporary-folder.js';
import { hostileFinding } from './hostile-findings.js';
import { detectionFinding } from './ocsf-schema.js';
import { sampleAlert, sampleFinding, testSink } from './sink-conformance.js';

type Event = typeof detectionFinding extends { parse(value: unknown): infer Parsed } ? Parsed : never;

function linesOf(path: string): Event[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => detectionFinding.parse(JSON.parse(line)));
}

testSink({
  name: 'ocsf',
  open() {
    const folder = join(temporaryFolder('ocsf'), 'out');
    mkdirSync(folder);
    const path = join(folder, 'findings.ocsf.jsonl');
    return {
      sink: ocsfSink({ name: 'ocsf', path }),
      received: async () =>
        linesOf(path).map(({ metadata, finding_info, message, count }) => [
          metadata.uid,
          finding_info.uid,
          message,
          count,
        ]),
      breakDown: () => rmSync(folder, { recursive: true }),
    };
  },
  seen: (content) =>
    'evidence' in content
      ? [content.id, content.dedupe_key, content.description, content.event_count]
      : [content.id, content.id, content.title, content.finding_count],
});

describe('an OCSF event', () => {
  test('is valid for every finding that there can be', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        expect(detectionFinding.safeParse(ocsfEvent(finding)).error).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test('of a digest is valid and counts its findings', () => {
    const lines = [{ detector: 'log-bucket-object-deleted', severity: 'low', findings: 12 }] as const;
    const digest = digestOf({ sink: 'sink', runId: 'run-1', createdAt: '2026-03-01T02:00:00.000Z', lines });
    expect(detectionFinding.parse(ocsfEvent(digest))).toMatchObject({
      count: 12,
      severity_id: 2,
      time: 1772330400000,
      message: '12 more findings',
    });
  });

  test.each([
    ['open', 200401, 1],
    ['updated', 200402, 1],
    ['acknowledged', 200402, 2],
    ['suppressed', 200402, 3],
    ['closed', 200403, 4],
  ] as const)('of a finding that is %s has type %i and status %i', (state, type_uid, status_id) => {
    expect(ocsfEvent(sampleFinding({ state }))).toMatchObject({ type_uid, status_id, activity_id: type_uid - 200400 });
  });

  test.each([
    ['info', 1],
    ['low', 2],
    ['medium', 3],
    ['high', 4],
    ['critical', 5],
  ] as const)('of severity %s has the number %i', (severity, severity_id) => {
    expect(ocsfEvent(sampleFinding({ severity }))).toMatchObject({ severity_id });
  });

  test('has who, what, where and how in the attributes that are meant for them', () => {
    const row = {
      event_time: '2026-03-01T01:05:00.000Z',
      log_uri: 's3://acme-access-logs/2026-03-01-00-00-00-AAAA',
      log_line: 7,
      request_id: 'R7',
      action: 'DeleteObject',
      key: 'AWSLogs/a.json.gz',
      status: 204,
    };
    const where = {
      account_id: '111122223333',
      region: 'eu-central-1',
      source_ip: '203.0.113.7',
      user_agent: 'aws-cli',
    };
    const event = ocsfEvent(
      sampleFinding({ ...where, key: 'AWSLogs/a.json.gz', mitre: ['T1562.008'], evidence: [row] }),
    );
    expect(event).toMatchObject({
      time: 1772330400000,
      start_time: 1772327100000,
      end_time: 1772327160000,
      count: 2,
      cloud: { provider: 'AWS', region: 'eu-central-1', account: { uid: '111122223333' } },
      finding_info: {
        uid: 'b'.repeat(64),
        analytic: { uid: 'log-bucket-object-deleted', type_id: 1 },
        attacks: [{ technique: { uid: 'T1562' }, sub_technique: { uid: 'T1562.008' } }],
      },
      evidences: [
        {
          actor: { user: { uid: 'arn:aws:iam::111122223333:role/backup' } },
          src_endpoint: { ip: '203.0.113.7' },
          api: { operation: 'DeleteObject', request: { uid: 'R7' } },
          data: row,
        },
      ],
      resources: [
        { type: 'AWS::S3::Bucket', uid: 'arn:aws:s3:::acme-logs' },
        { type: 'AWS::S3::Object', uid: 'arn:aws:s3:::acme-logs/AWSLogs/a.json.gz' },
        { type: 'Principal', uid: 'arn:aws:iam::111122223333:role/backup' },
      ],
    });
    const { observables } = detectionFinding.parse(event);
    expect(observables!.map(({ type_id, value }) => [type_id, value])).toEqual([
      [2, '203.0.113.7'],
      [4, 'arn:aws:iam::111122223333:role/backup'],
      [16, 'aws-cli'],
      [10, 'arn:aws:s3:::acme-logs'],
      [10, 'arn:aws:s3:::acme-logs/AWSLogs/a.json.gz'],
    ]);
  });

  test('is one line of printable ASCII', async () => {
    const path = join(temporaryFolder('ocsf'), 'findings.ocsf.jsonl');
    await ocsfSink({ name: 'ocsf', path }).send([sampleAlert(sampleFinding({ key: '\u001b[2J\n\u202e ä' }))]);
    expect(readFileSync(path, 'utf8')).toMatch(/^[\x20-\x7e]+\n$/);
  });
});
