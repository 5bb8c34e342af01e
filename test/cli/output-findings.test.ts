import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../cli/output/display-width.js';
import { renderFindingCard } from '../../cli/output/finding-card.js';
import type { FindingFields } from '../../cli/output/finding-fields.js';
import { renderFindings } from '../../cli/output/findings-table.js';
import { createStyle, plainStyle } from '../../cli/output/style.js';

const finding: FindingFields = {
  id: 'f00dfeedcafe0123456789',
  dedupe_key: 'd3d0',
  state: 'open',
  detector: 'log-bucket-object-deleted',
  detector_version: '1',
  title: 'Objects deleted from a log bucket',
  description: 'The role backup deleted 42 objects.\nIt never did before.',
  severity: 'critical',
  account_id: '111122223333',
  region: 'eu-central-1',
  bucket: 'acme-logs',
  key: null,
  principal: 'arn:aws:iam::111122223333:role/backup',
  source_ip: '198.51.100.7',
  user_agent: 'aws-cli/2',
  first_event_at: '2026-01-31T07:00:05Z',
  last_event_at: '2026-01-31T08:00:05.250Z',
  event_count: 1042,
  evidence: [
    {
      event_time: '2026-01-31T07:00:05Z',
      log_uri: 's3://acme-audit/x',
      log_line: 7,
      request_id: 'REQ1',
      action: 'DeleteObject',
      key: 'a/b',
      status: 204,
    },
  ],
  baseline: { expected: 0, observed: 42, history_days: 30, factors: ['0 times in 30 days', 'new network'] },
  mitre: ['T1485', 'T1070'],
  query: "select *\nfrom s3_events\nwhere bucket = 'acme-logs'",
  next_steps: ['Ask the owner of the role.', 'Restore from versions.'],
  created_at: '2026-01-31T08:10:00Z',
  updated_at: '2026-01-31T08:10:00Z',
  run_id: 'run-1',
};

const hostile = '\x1b[2J\u202e\0\n=x|<b>';

/** The finding with every text replaced. */
function withText(text: string): FindingFields {
  const replaced = JSON.parse(JSON.stringify(finding), (_, value: unknown) =>
    typeof value === 'string' ? text : value,
  ) as FindingFields;
  return { ...replaced, severity: finding.severity, state: 'open' };
}

describe('the list of findings', () => {
  it('has a line for each with severity, title, who, bucket, time, count and the short id', () => {
    const lines = renderFindings([finding], { width: null, style: plainStyle }).split('\n');
    expect(lines[2]).toBe(
      'CRITICAL  Objects deleted from a log bucket  111122223333:role/backup  acme-logs  2026-01-31 08:00:05  1,042  f00dfeedca',
    );
    expect(lines[3]).toBe('1 finding');
  });

  it('names the address when there is no principal', () => {
    expect(renderFindings([{ ...finding, principal: null }], { width: null, style: plainStyle })).toContain(
      '198.51.100.7',
    );
  });

  it('marks findings that are settled', () => {
    expect(renderFindings([{ ...finding, state: 'closed' }], { width: null, style: plainStyle })).toContain(
      'log bucket (closed)',
    );
  });

  it('says so when there is none', () => {
    expect(renderFindings([], { width: 80, style: plainStyle })).toBe('0 findings\n');
  });

  it('colours the severity', () => {
    expect(renderFindings([finding], { width: null, style: createStyle(true) })).toContain('\x1b[41mCRITICAL\x1b[49m');
  });
});

describe('the card of a finding', () => {
  const card = renderFindingCard(finding, { width: 100, style: plainStyle });

  it.each([
    ['severity and title', 'CRITICAL\nObjects deleted from a log bucket\nThe role backup'],
    ['who', 'who         arn:aws:iam::111122223333:role/backup'],
    ['events', 'events      1,042, 2026-01-31 07:00:05 to 2026-01-31 08:00:05 UTC'],
    ['ATT&CK', 'ATT&CK      T1485, T1070'],
    ['the whole id', 'id          f00dfeedcafe0123456789'],
    [
      'the baseline',
      'What is usual\nexpected  0\nobserved  42\nhistory   30 days\nbecause   0 times in 30 days\n          new network',
    ],
    [
      'evidence with its place in the log',
      '2026-01-31 07:00:05  DeleteObject  a/b  204     REQ1        s3://acme-audit/x:7',
    ],
    ['numbered steps', 'Next steps\n1. Ask the owner of the role.\n2. Restore from versions.'],
    ['the query as it can be copied', "Query\nselect *\nfrom s3_events\nwhere bucket = 'acme-logs'\n"],
  ])('shows %s', (_, expected) => {
    expect(card).toContain(expected);
  });

  it('leaves out what is not known', () => {
    const bare = { ...finding, baseline: null, evidence: [], next_steps: [], query: null, user_agent: null, mitre: [] };
    const text = renderFindingCard(bare, { width: 100, style: plainStyle });
    expect(text).not.toMatch(/Evidence|Next steps|Query|What is usual|user agent|ATT&CK|null/);
  });
});

describe('findings made of hostile text', () => {
  const anyText = fc.oneof(
    fc.constant(hostile),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constant('x'.repeat(5000)),
    fc.constant('漢'.repeat(300)),
  );

  it('emit no control character', () => {
    fc.assert(
      fc.property(anyText, fc.option(fc.integer({ min: 1, max: 150 })), (text, width) => {
        const output =
          renderFindings([withText(text)], { width, style: plainStyle }) +
          renderFindingCard(withText(text), { width, style: plainStyle });
        expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('never exceed the terminal, but for the query of the card', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 20, max: 150 }), (text, width) => {
        const output =
          renderFindings([withText(text)], { width, style: plainStyle }) +
          renderFindingCard({ ...withText(text), query: null }, { width, style: plainStyle });
        for (const line of output.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
