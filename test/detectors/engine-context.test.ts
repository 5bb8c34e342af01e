/** The tables that detectors read beside the logs, made from small lakes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../config/load.js';
import { dropContext, prepareContext } from '../../detectors/engine/context.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import type { CaseEvent } from '../../fixtures/cases/case-format.js';
import { expandCase, windowOf } from '../../fixtures/cases/expand.js';
import { queryRows } from '../../store/duckdb.js';

let bench: CaseBench;
beforeAll(async () => {
  bench = await CaseBench.open();
});
afterAll(() => bench.close());

const window = { from: '2026-03-10T10:00:00Z', to: '2026-03-10T11:00:00Z' };

/** The rows of a query over the context of these events. */
async function rowsOf(events: readonly CaseEvent[], sql: string, config = ''): Promise<unknown[]> {
  const story = { why: 'a small lake', config: {}, window, defaults: {}, events: [...events], expect: [] };
  const connection = await bench.lay(expandCase(story, sql));
  await prepareContext(connection, { config: parseConfig(config, 'test'), ...windowOf(story) });
  const rows = await queryRows(connection, sql);
  await dropContext(connection);
  return rows;
}

const read: CaseEvent = {
  log: 'access',
  at: '+5m',
  operation: 'REST.GET.OBJECT',
  bucket: 'acme-docs',
  key: 'a',
  identity: 'role/app',
};
const trailCall: CaseEvent = { at: '+6m', eventName: 'GetObject', bucket: 'acme-docs', key: 'a', identity: 'role/app' };

test('events outside the window are not seen', async () => {
  const events = [{ ...read, at: '-1s' }, read, { ...read, at: '+1h' }, { ...trailCall, at: '+1h' }];
  expect(
    await rowsOf(events, 'select count(*)::int as seen from s3_events union all select count(*)::int from cloudtrail'),
  ).toEqual([{ seen: 1 }, { seen: 0 }]);
});

test('activity and sightings reach back and end with the window', async () => {
  const events = [{ ...read, at: '-80d' }, { ...read, at: '-100d' }, read, { ...read, at: '+2d' }];
  const sql = 'select (select count(*)::int from activity) as hours, (select count(*)::int from sightings) as days';
  expect(await rowsOf(events, sql)).toEqual([{ hours: 2, days: 2 }]);
});

test('accounts whose trails deliver here are own when the config lists none', async () => {
  const events = [
    { ...trailCall, recipientAccountId: '222233334444' },
    { ...trailCall, at: '+7m' },
  ];
  const sql = 'select account_id, relation from accounts order by all';
  expect(await rowsOf(events, sql, 'accounts: { trusted: ["555566667777"] }')).toEqual([
    { account_id: '111122223333', relation: 'own' },
    { account_id: '222233334444', relation: 'own' },
    { account_id: '555566667777', relation: 'trusted' },
  ]);
});

test('own accounts of the config are all own accounts', async () => {
  const config = 'accounts: { own: ["222233334444"], trusted: ["222233334444"] }';
  expect(await rowsOf([trailCall], 'select account_id, relation from accounts', config)).toEqual([
    { account_id: '222233334444', relation: 'own' },
  ]);
});

test('settings say what is configured and what is known', async () => {
  const sql =
    'select learning_days, learning_min_events, has_own_accounts, has_trusted_accounts, has_trusted_networks from settings';
  const expected = {
    learning_days: 3,
    learning_min_events: 50,
    has_own_accounts: false,
    has_trusted_accounts: false,
    has_trusted_networks: true,
  };
  expect(await rowsOf([read], sql, 'learning: { days: 3 }\nnetworks: { trusted: ["198.51.100.0/24"] }')).toEqual([
    expected,
  ]);
});

const logBuckets = 'select bucket, is_log, is_log_guess from buckets where is_log or is_log_guess order by bucket';

test('log buckets are found by their configuration, by what writes there, and by name at last', async () => {
  const events: CaseEvent[] = [
    {
      at: '-40d',
      eventName: 'PutBucketLogging',
      bucket: 'acme-docs',
      requestParameters: {
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'target-of-logging', TargetPrefix: '' } },
      },
    },
    {
      at: '+1m',
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: 'CreateTrail',
      requestParameters: { name: 'main', s3BucketName: 'target-of-trail' },
    },
    {
      log: 'access',
      at: '-50d',
      operation: 'REST.PUT.OBJECT',
      bucket: 'written-by-delivery',
      key: 'x',
      identity: 'service/delivery.logs.amazonaws.com',
    },
    {
      log: 'access',
      at: '+2m',
      operation: 'REST.PUT.OBJECT',
      bucket: 'written-below-awslogs',
      key: 'AWSLogs/111122223333/Config/x',
      identity: 'service/config.amazonaws.com',
    },
    { ...read, bucket: 'acme-access-logs' },
    { ...read, bucket: 'listed' },
    { ...read, bucket: 'acme-docs' },
  ];
  expect(await rowsOf(events, logBuckets, 'log_buckets: ["list*"]')).toEqual([
    { bucket: 'acme-access-logs', is_log: false, is_log_guess: true },
    { bucket: 'listed', is_log: true, is_log_guess: false },
    { bucket: 'target-of-logging', is_log: true, is_log_guess: false },
    { bucket: 'target-of-trail', is_log: true, is_log_guess: false },
    { bucket: 'written-below-awslogs', is_log: true, is_log_guess: false },
    { bucket: 'written-by-delivery', is_log: true, is_log_guess: false },
  ]);
});

test('a refused write of a service makes no log bucket, nor does a role with a good key', async () => {
  const events: CaseEvent[] = [
    {
      log: 'access',
      at: '+1m',
      operation: 'REST.PUT.OBJECT',
      bucket: 'a',
      key: 'AWSLogs/x',
      identity: 'service/config.amazonaws.com',
      status: 403,
      error_code: 'AccessDenied',
    },
    { log: 'access', at: '+2m', operation: 'REST.PUT.OBJECT', bucket: 'b', key: 'AWSLogs/x', identity: 'role/forger' },
    {
      at: '+3m',
      eventName: 'PutBucketLogging',
      bucket: 'c',
      errorCode: 'AccessDenied',
      requestParameters: { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'd' } } },
    },
  ];
  expect(await rowsOf(events, logBuckets)).toEqual([]);
});

test('a sensitive entry is a bucket or the prefix before its first star', async () => {
  const config = 'sensitive: [acme-hr, "acme-d*/exports/*/q1"]';
  const events = [read, { ...read, bucket: 'acme-hr' }];
  expect(await rowsOf(events, 'select bucket, is_sensitive from buckets order by bucket', config)).toEqual([
    { bucket: 'acme-docs', is_sensitive: false },
    { bucket: 'acme-hr', is_sensitive: true },
  ]);
  expect(await rowsOf(events, 'select bucket, key_prefix from sensitive_prefixes', config)).toEqual([
    { bucket: 'acme-docs', key_prefix: 'exports/' },
  ]);
});

test('networks are spelled as in sightings, and service names are none', async () => {
  const events: CaseEvent[] = [
    { ...read, remote_ip: '198.51.100.7' },
    { ...read, at: '+6m', remote_ip: '2001:db8::1' },
    { ...read, at: '+7m', remote_ip: '10.1.2.3' },
    { ...trailCall, identity: 'service/cloudtrail.amazonaws.com' },
  ];
  const config = 'networks: { trusted: ["198.51.100.0/25"] }';
  expect(
    await rowsOf(events, 'select source_ip, is_trusted, is_global from networks order by source_ip', config),
  ).toEqual([
    { source_ip: '10.1.2.3', is_trusted: false, is_global: false },
    { source_ip: '198.51.100.7', is_trusted: true, is_global: true },
    { source_ip: '2001:db8::1', is_trusted: false, is_global: true },
    { source_ip: 'cloudtrail.amazonaws.com', is_trusted: false, is_global: false },
  ]);
  const unknown =
    'select count(*)::int as unknown from networks where network is not null and network not in (select value from sightings)';
  expect(await rowsOf(events, unknown, config)).toEqual([{ unknown: 0 }]);
});

test('a grant to the canonical id of a known owner is no grant', async () => {
  const owner = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
  const acl: CaseEvent = {
    at: '+1m',
    eventName: 'PutBucketAcl',
    bucket: 'acme-docs',
    requestParameters: { 'x-amz-grant-full-control': `id=${owner}`, 'x-amz-grant-read': 'id=abc' },
  };
  const sql = 'select via, audience, canonical_users, allows_write, statement from policy_grants';
  expect(await rowsOf([read, acl], sql)).toEqual([
    {
      via: 'acl',
      audience: 'cross-account',
      canonical_users: ['abc'],
      allows_write: false,
      statement: 'READ by header',
    },
  ]);
});
