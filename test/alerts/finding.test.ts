/** What a finding says, from one detection to the JSON that leaves the house. */
import * as fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { buildFinding } from '../../alerts/build-finding.js';
import { contributionOf } from '../../alerts/contribution.js';
import { dedupeKey, findingId, findingSchema, type Finding } from '../../alerts/finding.js';
import { fillSteps } from '../../alerts/next-steps.js';
import { textLiteral, timestampLiteral } from '../../store/sql-literal.js';
import type { FindingFields } from '../../cli/output/finding-fields.js';
import { openDatabase, queryRows } from '../../store/duckdb.js';
import { AlertBench, deletions, detection, evidence, startMs, type Sample } from './samples.js';
import { temporaryFolder } from '../temporary-folder.js';

function contentOf(samples: readonly Sample[]) {
  const contributions = samples.map((sample) => contributionOf(detection(sample)));
  return buildFinding(samples[0]?.detector ?? deletions, contributions, () => null).content;
}

describe('a recorded finding', () => {
  test('has every key of bucketwatch.finding/1 and no other', async () => {
    const bench = await AlertBench.open();
    await bench.record([
      detection({ hour: 1, expected: '0 a day', observed: '2', historyDays: 30, factors: ['key: UNSEEN'] }),
    ]);
    const finding = await bench.finding();
    expect(findingSchema.parse(finding)).toEqual(finding);
    expect(Object.keys(finding)).toEqual(Object.keys(findingSchema.shape));
  });

  test('fits what the renderers of the cli take', () => {
    expectTypeOf<Finding>().toExtend<FindingFields>();
  });

  test('has no baseline when the detector compares with nothing', () => {
    expect(contentOf([{ hour: 1 }]).baseline).toBeNull();
  });

  test('shows the ten earliest rows of all its windows, each once', () => {
    const rows = Array.from({ length: 8 }, (_, index) => evidence((startMs + index * 1000) * 1000, index));
    const shown = contentOf([
      { hour: 2, evidence: rows.slice(4) },
      {
        hour: 1,
        evidence: [...rows.slice(0, 5), evidence((startMs + 9e6) * 1000, 90), evidence((startMs + 9.1e6) * 1000, 91)],
      },
      { hour: 3, evidence: [evidence((startMs + 9.2e6) * 1000, 92)] },
    ]).evidence;
    expect(shown.map(({ log_line }) => log_line)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 90, 91]);
  });

  test('is described by its worst window', () => {
    const content = contentOf([
      { hour: 1, severity: 'medium' },
      { hour: 2, severity: 'critical', identity: { key: 'AWSLogs/worst.gz' } },
      { hour: 3, severity: 'high' },
    ]);
    expect(content).toMatchObject({
      severity: 'critical',
      description: 'log objects deleted: 2 objects deleted in hour 2',
      key: 'AWSLogs/worst.gz',
    });
  });
});

describe('ids', () => {
  const facts = { detector: 'log-bucket-object-deleted', version: 1, entity: ['acme-logs', 'role'] };

  test('stay what they are across versions of bucketwatch', () => {
    expect(dedupeKey(facts)).toBe('5013f73f543ffc85b18e1649dbc85c68a84cf84e8306d638ffe9aac6febd8cb4');
    expect(findingId(dedupeKey(facts), '2026-03-01T01:05:00.000Z')).toBe(
      '90fb5275118ff21692fbba52978838ef474d4d58b1186e50e90be2b90480a0de',
    );
  });

  test('differ when only the border between two values does', () => {
    expect(dedupeKey({ ...facts, entity: ['a', 'bc'] })).not.toBe(dedupeKey({ ...facts, entity: ['ab', 'c'] }));
  });

  test('differ for an unknown value and the text null', () => {
    expect(dedupeKey({ ...facts, entity: [null] })).not.toBe(dedupeKey({ ...facts, entity: ['null'] }));
  });

  test('start anew with a new version of the detector', () => {
    expect(dedupeKey({ ...facts, version: 2 })).not.toBe(dedupeKey(facts));
  });
});

describe('the query', () => {
  test('asks for the entity within the span of the finding', () => {
    expect(contentOf([{ hour: 1 }, { hour: 3 }]).query)
      .toBe(`select event_time, source, action, bucket, key, status, error_code, principal, source_ip, user_agent, request_id, row_id
from s3_events
where event_time between timestamp '2026-03-01 01:05:00' and timestamp '2026-03-01 03:06:00'
  and bucket = 'acme-logs'
  and principal = 'arn:aws:iam::111122223333:role/backup'
order by event_time
limit 1000`);
  });

  test('asks for the rows themselves when the finding has no entity', () => {
    const { query } = contentOf([{ hour: 1, detector: { ...deletions, entity: [] } }]);
    expect(query).toContain("(log_uri = 's3://acme-access-logs/2026-03-01-00-00-00-AAAA' and log_line in (1))");
  });

  test('asks cloudtrail for records of management events', () => {
    const { query } = contentOf([{ hour: 1, detector: { ...deletions, sources: ['cloudtrail_management'] } }]);
    expect(query).toContain('from cloudtrail\n');
    expect(query).toContain('log_index in (1)');
  });

  test('keeps a hostile bucket name inside its quotes', () => {
    const { query } = contentOf([{ hour: 1, identity: { bucket: "x' or 1=1; --\n\u202e" } }]);
    expect(query).toContain("bucket = 'x'' or 1=1; --' || chr(10) || chr(8238)\n");
  });

  test('has literals that DuckDB reads back as the very text', async () => {
    const database = await openDatabase(':memory:', {
      threads: 1,
      memoryBytes: 128e6,
      tempDirectory: temporaryFolder('alerts'),
    });
    try {
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 12 }), async (text) => {
          const literal = textLiteral(text);
          const [row] = await queryRows<{ text: string }>(database.connection, `select ${literal} as text`);
          expect(row!.text).toBe(text);
          expect(literal).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        }),
        { numRuns: 200 },
      );
    } finally {
      database.close();
    }
  });

  test('keeps microseconds of event times', () => {
    expect(timestampLiteral(startMs * 1000 + 1_000_120)).toBe("timestamp '2026-03-01 00:00:01.000120'");
  });
});

describe('next steps', () => {
  const { identity } = detection({ hour: 1 });

  test('carry the values of the finding', () => {
    expect(fillSteps(deletions.nextSteps, identity)).toEqual([
      "See what was deleted: select key from s3_events where bucket = 'acme-logs'.",
      'Ask the owner of arn:aws:iam::111122223333:role/backup.',
    ]);
  });

  test('quote a hostile value in SQL and leave it out of prose', () => {
    const hostile = { ...identity, bucket: "a' or 'b", principal: 'click [here](https://example.com)' };
    expect(fillSteps(deletions.nextSteps, hostile)).toEqual([
      "See what was deleted: select key from s3_events where bucket = 'a'' or ''b'.",
      'Ask the owner of <principal>.',
    ]);
  });

  test('keep a placeholder that the finding says nothing about', () => {
    expect(fillSteps(['Look at <key> and <trail>.'], identity)).toEqual(['Look at <key> and <trail>.']);
  });
});
