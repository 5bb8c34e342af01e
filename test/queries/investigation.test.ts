/** Investigations of a small story whose every number is known, and of the demonstration. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/load.js';
import { openCaseLake } from '../../fixtures/cases/case-lake.js';
import { expandCase } from '../../fixtures/cases/expand.js';
import type { DetectorCase } from '../../fixtures/cases/case-format.js';
import { investigate, type Investigation } from '../../queries/investigation/investigate.js';
import type { SectionRow } from '../../queries/investigation/sections.js';
import { queryRows } from '../../store/duckdb.js';
import { openReader } from '../../store/reader.js';
import { checkReadsOnly, lockDown } from '../../store/read-only.js';
import { temporaryFolder } from '../lake.js';

/** As IAM shows it; the lake knows it without its path, as the access log does. */
const etl = 'arn:aws:iam::111122223333:role/jobs/etl';
const stranger = '203.0.113.9';

/** Twenty days of a nightly job, then a morning on which its key is used from elsewhere. */
const story: DetectorCase = {
  why: 'an investigation of a stolen key',
  config: {},
  window: { from: '2026-03-10T10:00:00Z', to: '2026-03-10T11:00:00Z' },
  defaults: {},
  expect: [],
  events: [
    // Both logs: 20 nights, two objects each.
    ...['a', 'b'].map((key) => ({
      log: 'both' as const,
      at: `-20d`,
      repeat: { every: '24h', count: 20 },
      identity: 'role/jobs/etl/night',
      eventName: 'GetObject',
      bucket: 'acme-data-lake',
      key,
      remote_ip: '10.0.0.5',
      sourceIPAddress: '10.0.0.5',
      bytes_out: 1000,
      user_agent: 'etl/1.0',
      userAgent: 'etl/1.0',
    })),
    // The access log alone: five objects of another bucket, from the stranger.
    {
      log: 'access',
      at: '+5m',
      repeat: { every: '10s', count: 5 },
      identity: 'role/etl/night',
      eventName: 'GetObject',
      bucket: 'acme-payroll',
      key: 'salaries/{n}.csv',
      remote_ip: stranger,
      bytes_out: 500_000,
      user_agent: 'curl/8',
    },
    {
      log: 'access',
      at: '+6m',
      identity: 'role/etl/night',
      eventName: 'DeleteObject',
      bucket: 'acme-payroll',
      key: 'salaries/0.csv',
      status: 403,
      error_code: 'AccessDenied',
      remote_ip: stranger,
      user_agent: 'curl/8',
    },
    // CloudTrail alone, and another service.
    {
      log: 'cloudtrail',
      at: '+7m',
      identity: 'role/jobs/etl/night',
      eventName: 'StopLogging',
      eventSource: 'cloudtrail.amazonaws.com',
      readOnly: false,
      sourceIPAddress: stranger,
      userAgent: 'curl/8',
    },
    // Somebody else at the stranger's address.
    {
      log: 'access',
      at: '+9m',
      repeat: { every: '10s', count: 3 },
      identity: 'user/eve',
      eventName: 'GetObject',
      bucket: 'acme-data-lake',
      key: 'a',
      remote_ip: stranger,
      bytes_out: 10,
    },
  ],
};

const { accounts, networks, learning } = parseConfig('accounts: { own: ["111122223333"] }', 'test.yaml');
const folder = temporaryFolder('investigation');
const dataDir = path.join(folder, 'data');
/** The same story without the record of another service, so that no file of CloudTrail is of the morning. */
const quietTrailFolder = temporaryFolder('investigation-quiet-trail');
const quietTrail: DetectorCase = { ...story, events: story.events.filter(({ at }) => at !== '+7m') };

beforeAll(async () => {
  (await openCaseLake(folder, expandCase(story, 'investigation'))).close();
  (await openCaseLake(quietTrailFolder, expandCase(quietTrail, 'investigation'))).close();
});

type Options = Partial<Parameters<typeof investigate>[2]>;

async function ask(subject: string, options: Options = {}, asked = dataDir): Promise<Investigation> {
  const reader = await openReader({ dataDir: asked, threads: 1, memoryBytes: 256e6 });
  try {
    return await investigate(reader.connection, subject, {
      period: { fromMs: null, toMs: null },
      config: { dataDir: asked, accounts, networks, learning },
      ...options,
    });
  } finally {
    reader.close();
  }
}

function rows(investigation: Investigation, id: string): readonly SectionRow[] {
  return investigation.sections.find((section) => section.id === id)!.rows;
}

function answersOf({ sections, timeline }: Investigation): string {
  return JSON.stringify({ sections, timeline }, null, 1);
}

function fact({ facts }: Investigation, label: string): string | number | undefined {
  return facts.find((each) => each.label === label)?.value;
}

describe('an investigation of a role', () => {
  let role: Investigation;
  beforeAll(async () => {
    role = await ask('role/etl');
  });

  it('says who that is', () => {
    expect(role.taken_for).toBe('a principal');
    expect(fact(role, 'principal')).toBe('arn:aws:iam::111122223333:role/etl');
    expect(fact(role, 'account')).toBe('111122223333 (own)');
  });

  it('counts a request that both logs saw once, and other services too', () => {
    // 40 nightly reads, 5 reads and a refused delete by day, and StopLogging.
    expect(fact(role, 'requests')).toBe(47);
    expect(fact(role, 'failed')).toBe(1);
    expect(fact(role, 'bytes out')).toBe(40 * 1000 + 5 * 500_000);
    expect(fact(role, 'active days')).toBe(21);
  });

  it('says what is new about it', () => {
    const news = rows(role, 'news').map(
      (row) => `${String(row['dimension'])} ${String(row['value'])} ${String(row['requests'])}`,
    );
    expect(news).toContain('bucket acme-payroll 6');
    expect(news).toContain('network 203.0.113.0/24 7');
    expect(news).toContain('user agent curl/8 7');
    expect(news).toContain('action cloudtrail:StopLogging 1');
    expect(news).toContain('error AccessDenied 1');
    expect(news.filter((line) => /etl\/1\.0|10\.0\.0|acme-data-lake|GetObject/.test(line))).toEqual([]);
  });

  it('puts what is new into the timeline, and one line a day', () => {
    const active = role.timeline.filter((entry) => entry.kind === 'active');
    expect(active).toHaveLength(21);
    const last = active.at(-1)!;
    expect(last).toMatchObject({ requests: 7, failed: 1, bytes_out: 2_500_000 });
    expect(last.marks).toContain('new bucket: acme-payroll');
    expect(active[0]!.marks).toEqual([]);
  });

  it('lists errors, and who else was at its addresses', () => {
    expect(rows(role, 'errors')).toMatchObject([
      { action: 'DeleteObject', bucket: 'acme-payroll', error: 'AccessDenied', failed: 1, succeeded_later: 0 },
    ]);
    expect(rows(role, 'same-address')).toMatchObject([
      { source_ip: stranger, principal: 'arn:aws:iam::111122223333:user/eve', requests: 3 },
    ]);
  });

  it('looks at a period, and judges what is new in it by the history before it', async () => {
    const day = await ask(etl, {
      period: { fromMs: Date.parse('2026-03-10T00:00:00Z'), toMs: Date.parse('2026-03-11T00:00:00Z') },
    });
    expect(fact(day, 'requests')).toBe(7);
    expect(rows(day, 'news').map((row) => row['value'])).toContain('acme-payroll');
    const night = await ask(etl, { period: { fromMs: null, toMs: Date.parse('2026-03-10T00:00:00Z') } });
    expect(fact(night, 'requests')).toBe(40);
    expect(rows(night, 'news')).toEqual([]);
  });

  it('reads only the latest files of a large lake, says so, and still knows the history', async () => {
    const cut = await ask('role/etl', { limit: 1 });
    expect(fact(cut, 'requests')).toBe(7);
    expect(cut.notes[0]).toMatch(/^there are about \d+ rows since 2026-02-18 10:00; what follows is of the latest/);
    // Of the rollups: both logs count, and other services are not in them.
    expect(
      rows(cut, 'news')
        .map((row) => `${String(row['dimension'])} ${String(row['value'])}`)
        .sort(),
    ).toEqual(['bucket acme-payroll', 'network 203.0.113.0/24']);
  });
});

describe('an investigation of', () => {
  it('an address names everybody who used it', async () => {
    const address = await ask(stranger);
    expect(rows(address, 'principals').map((row) => [row['principal'], row['requests']])).toEqual([
      ['arn:aws:iam::111122223333:role/etl', 7],
      ['arn:aws:iam::111122223333:user/eve', 3],
    ]);
    expect(rows(address, 'same-session').map((row) => row['source_ip'])).toContain('10.0.0.5');
  });

  it('a network takes the addresses in it, whatever its size', async () => {
    expect(fact(await ask('203.0.113.0/24'), 'requests')).toBe(10);
    expect(fact(await ask('203.0.113.8/30'), 'requests')).toBe(10);
    expect(fact(await ask('203.0.0.0/16'), 'requests')).toBe(10);
    await expect(ask('203.0.113.128/25')).rejects.toThrow(/taken for a network/);
  });

  it('a bucket and an object', async () => {
    expect(fact(await ask('acme-payroll'), 'requests')).toBe(6);
    expect(fact(await ask('s3://acme-payroll/salaries/0.csv'), 'requests')).toBe(2);
    expect(fact(await ask('s3://acme-data-lake/a'), 'requests')).toBe(23);
  });

  it('a request folds nothing and finds the line', async () => {
    const requests = rows(await ask('acme-payroll'), 'requests');
    const id = String(requests[0]!['request_id']);
    const one = await ask(id);
    expect(rows(one, 'requests')).toEqual([requests[0]]);
  });

  it('a name that is a role and nothing else', async () => {
    const role = await ask('etl');
    expect(role.kind).toBe('principal');
    expect(fact(role, 'requests')).toBe(47);
  });

  it('what nobody has seen says where it looked and over which days', async () => {
    await expect(ask('192.0.2.200')).rejects.toMatchObject({
      code: 'name-unknown',
      message: expect.stringMatching(
        /^192\.0\.2\.200: taken for an address, and not among the 90 rows .* the logs are of 2026-02-18 to 2026-03-10; .*--as/,
      ),
    });
  });

  it.each(["x' or '1'='1", "getvariable('subject_key')", '\u202egnp.exe', 'a\nb', '"; drop table findings; --'])(
    'hostile text %j as text',
    async (text) => {
      await expect(ask(text)).rejects.toMatchObject({ code: 'name-unknown' });
    },
  );
});

describe('where the files of its hours are of one log', () => {
  it.each(['acme-payroll', 's3://acme-payroll/salaries/0.csv'])('%s has the same answers', async (subject) => {
    const [both, one] = [await ask(subject), await ask(subject, {}, path.join(quietTrailFolder, 'data'))];
    expect(rows(one, 'requests')).not.toHaveLength(0);
    expect(answersOf(one).replaceAll(quietTrailFolder, folder)).toBe(answersOf(both));
  });
});

describe('the SQL that an investigation prints', () => {
  let whole: Awaited<ReturnType<typeof openReader>>;
  beforeAll(async () => {
    whole = await openReader({ dataDir, threads: 1, memoryBytes: 256e6 });
    await lockDown(whole.connection, dataDir);
  });
  afterAll(() => whole.close());

  it.each(['role/etl', stranger, '203.0.113.8/30', 'acme-payroll', 's3://acme-data-lake/a'])(
    'answers for %s over the whole lake what the investigation answered',
    async (subject) => {
      const { sections } = await ask(subject);
      for (const { id, query, rows: expected } of sections) {
        await checkReadsOnly(whole.connection, query);
        const answer = await queryRows<Record<string, unknown>>(whole.connection, query);
        expect([id, answer.map(plain)]).toEqual([id, expected]);
      }
    },
  );
});

function plain(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : typeof value === 'bigint' ? Number(value) : value,
    ]),
  );
}
