import { test } from 'vitest';
import fs from 'node:fs'; import path from 'node:path';
import { parseDetector } from '/work/main/detectors/format/parse-detector.js';
import { CaseBench } from '/work/main/fixtures/cases/case-bench.js';
import { runCase } from '/work/main/fixtures/cases/run-case.js';
const M: [string, string, string][] = [
  ['exposure/bucket-policy-cross-account-grant', 'cross join unnest(grants.accounts)', 'cross join unnest(cast(null as varchar[]))'],
  ['exposure/block-public-access-bucket-disabled', 'is distinct from false', 'is not distinct from changes.is_weaker'],
  ['exposure/block-public-access-bucket-disabled', 'strpos(changes.new_value, \'false\') > 0', 'true'],
  ['exposure/block-public-access-bucket-disabled', 'and not coalesce(buckets.is_public, false)', ''],
  ['exposure/block-public-access-bucket-disabled', 'and teardowns.principal = changes.principal', 'and false'],
  ['exposure/block-public-access-bucket-disabled', 'changes.event_time >= buckets.created_at', 'false'],
  ['exposure/block-public-access-bucket-disabled', 'changes.event_time <= buckets.created_at + $grace_minutes * interval \'1\' minute', '$grace_minutes > 0'],
  ['exposure/block-public-access-account-disabled', 'is_weaker is distinct from false', 'true'],
  ['exposure/block-public-access-account-disabled', "strpos(new_value, 'false') > 0", 'true'],
  ['exposure/block-public-access-account-disabled', "control = 'account-public-access-block'", 'true'],
  ['exposure/bucket-policy-public-anonymous', "granted.audience = 'anonymous'", 'true'],
  ['exposure/bucket-policy-public-anonymous', 'not coalesce(buckets.is_public, false)', 'true'],
  ['exposure/bucket-policy-public-anonymous', 'case when held_back_by is not null then 1 else 0 end)', '0)'],
  ['exposure/bucket-acl-public-anonymous', "granted.audience = 'anonymous'", 'true'],
  ['exposure/bucket-acl-public-anonymous', 'not coalesce(buckets.is_public, false)', 'true'],

  ['logging/server-access-logging-disabled', 'and changes.all_off', ''],
  ['logging/server-access-logging-disabled', 'and changes.is_weaker is distinct from false', ''],
  ['logging/server-access-logging-disabled', "and json_extract_scalar(changes.previous_value, '$.target_bucket') is distinct from changes.resource", ''],
  ['logging/server-access-logging-disabled', 'and teardowns.principal = changes.principal', 'and false'],
  ['logging/trail-logging-stopped', "and event_source = 'cloudtrail.amazonaws.com'", ''],
  ['logging/trail-logging-stopped', 'and is_success', ''],
  ['logging/trail-logging-stopped', "and event_name = 'StopLogging'", ''],
  ['logging/trail-deleted', 'and is_success', ''],
  ['logging/trail-deleted', 'and created.principal = deleted.principal', ''],
  ['logging/trail-deleted', "created.event_name = 'CreateTrail'", 'false'],
  ['logging/s3-data-events-disabled', 'and is_weaker', 'and is_weaker is not false'],
  ['identity/cross-account-access-untrusted', 'and settings.has_own_accounts', ''],
  ['identity/cross-account-access-untrusted', 'and settings.has_trusted_accounts', ''],
  ['identity/cross-account-access-untrusted', 'settings.has_trusted_accounts\n', 'true\n'],
  ['identity/cross-account-access-untrusted', 'and events.is_success', ''],
  ['identity/cross-account-access-untrusted', "and not (coalesce(buckets.is_public, false) and events.action_class in ('read', 'list'))", ''],
  ['identity/cross-account-access-untrusted', 'and not exists (select 1 from accounts where accounts.account_id = events.principal_account_id)', ''],
  ['identity/root-user-s3-activity', 'and user_identity_invoked_by is null', ''],
  ['identity/root-user-s3-activity', "and event_type is distinct from 'AwsServiceEvent'", ''],
  ['identity/root-user-s3-activity', "and event_name <> 'CreateServiceLinkedRole'", ''],
  ['identity/root-user-s3-activity', 'and is_bucket_owner', ''],
  ['identity/root-user-s3-activity', "and principal_kind = 'canonical'", ''],
  ['identity/root-user-s3-activity', "user_identity_type = 'Root'", 'true'],
  ['identity/plaintext-http-access', 'events.tls_version is null', 'true'],
  ['identity/plaintext-http-access', 'and events.cipher_suite is null', ''],
  ['identity/plaintext-http-access', 'and not events.is_aws_service', ''],
  ['identity/plaintext-http-access', "and regexp_like(events.operation, '^(REST|WEBSITE)[.]')", ''],
  ['identity/plaintext-http-access', "and events.operation not in ('REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET')", ''],
  ['identity/plaintext-http-access', "or events.event_time >= timestamp '2020-01-01 00:00:00'", 'or true'],
  ['identity/plaintext-http-access', 'events.authentication_type is not null or events.event_time', 'true or events.event_time'],
  ['identity/plaintext-http-access', "and cloudtrail.event_category = 'Data'", ''],
];
test('m', { timeout: 600000 }, async () => {
  const bench = await CaseBench.open();
  for (const [id, from, to] of M) {
    const text = fs.readFileSync(`/work/main/detectors/${id}.sql`, 'utf8');
    if (!text.includes(from)) { console.log('MISSING', id, from); continue; }
    const parsed = parseDetector(text.replaceAll(from, to), id + '.sql');
    if (!('detector' in parsed)) { console.log('BROKEN', id, from, parsed.problems); continue; }
    const folder = `/work/main/fixtures/detectors/${path.basename(id)}`;
    const failed: string[] = [];
    for (const name of fs.readdirSync(folder)) { const r = await runCase(bench, path.join(folder, name), parsed.detector); if (r.problems.length > 0) failed.push(name + (r.problems[0]!.includes('has a problem') ? '(' + r.problems[0]!.slice(0, 120) + ')' : '')); }
    console.log(failed.length > 0 ? 'KILLED' : 'SURVIVED', id, '|', from.slice(0, 70).replace(/\n/g, ' '), '|', failed.slice(0, 3).join(','));
  }
});
