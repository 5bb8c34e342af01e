/** Security Hub, against a stub of the two services that speaks their protocols. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { digestOf } from '../../alerts/digest.js';
import { asffFinding } from '../../alerts/sinks/asff-finding.js';
import { securityHubSink } from '../../alerts/sinks/securityhub.js';
import { asff, importRequest } from './asff-schema.js';
import { hostileFinding } from './hostile-findings.js';
import { sampleAlert, sampleFinding, testSink } from './sink-conformance.js';
import { WebhookReceiver, type Answer, type ReceivedRequest } from './webhook-receiver.js';

const importer = { accountId: '111122223333', region: 'eu-central-1' };

beforeAll(() => {
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  process.env['AWS_MAX_ATTEMPTS'] = '1';
});

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::111122223333:role/bucketwatch</Arn><UserId>A</UserId><Account>111122223333</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

type ImportAnswer = (ids: readonly string[]) => Answer;

const taken: ImportAnswer = (ids) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ FailedCount: 0, SuccessCount: ids.length, FailedFindings: [] }),
});

/** A stub, and what it imported; `answer` decides about a request. */
async function hub(answer: ImportAnswer = taken) {
  const receiver = await WebhookReceiver.start();
  process.env['AWS_ENDPOINT_URL'] = receiver.origin;
  receiver.answer = (request: ReceivedRequest) => {
    if (request.path !== '/findings/import')
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: identity };
    return answer(findingsOf(request).map(({ Id }) => Id));
  };
  const sink = securityHubSink({ name: 'securityhub:eu-central-1', config: { region: 'eu-central-1', roleArn: null } });
  const imports = () => receiver.requests.filter(({ path }) => path === '/findings/import').map(findingsOf);
  return { sink, receiver, imports };
}

function findingsOf({ body }: ReceivedRequest): z.output<typeof asff>[] {
  return importRequest.parse(JSON.parse(body)).Findings;
}

testSink({
  name: 'securityhub',
  async open() {
    const { sink, receiver, imports } = await hub();
    return {
      sink,
      received: async () => imports().flatMap((findings) => findings.map(({ Id, UpdatedAt }) => [Id, UpdatedAt])),
      breakDown: () => receiver.close(),
    };
  },
  seen: (content) => ('evidence' in content ? [content.id, content.updated_at] : null),
});

describe('an ASFF finding', () => {
  test('is valid for every finding that there can be', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        expect(asff.safeParse(asffFinding(finding, importer)).error).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['open', 'ACTIVE'],
    ['updated', 'ACTIVE'],
    ['acknowledged', 'ACTIVE'],
    ['closed', 'ARCHIVED'],
  ] as const)('that is %s is %s', (state, RecordState) => {
    expect(asffFinding(sampleFinding({ state }), importer)).toMatchObject({ RecordState, Id: 'a'.repeat(64) });
  });

  test('has the words of the finding in the fields that are meant for them', () => {
    const finding = sampleFinding({ key: 'AWSLogs/a.json.gz', region: 'eu-central-1', account_id: '555566667777' });
    expect(asffFinding(finding, importer)).toMatchObject({
      ProductArn: 'arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default',
      GeneratorId: 'log-bucket-object-deleted',
      AwsAccountId: '111122223333',
      Title: 'log objects deleted',
      Description: 'log objects deleted: 2 objects',
      CreatedAt: '2026-03-01T02:00:00.000Z',
      FirstObservedAt: '2026-03-01T01:05:00.000Z',
      LastObservedAt: '2026-03-01T01:06:00.000Z',
      FindingProviderFields: { Severity: { Label: 'HIGH' } },
      Remediation: { Recommendation: { Text: 'Ask.' } },
      Resources: [
        { Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::acme-logs', Partition: 'aws', Region: 'eu-central-1' },
        { Type: 'AwsS3Object', Id: 'arn:aws:s3:::acme-logs/AWSLogs/a.json.gz' },
        { Type: 'Other', Id: 'arn:aws:iam::111122223333:role/backup' },
      ],
      ProductFields: { 'bucketwatch/dedupe_key': 'b'.repeat(64), 'bucketwatch/account_id': '555566667777' },
    });
  });

  test('of nothing in particular is about the account', () => {
    const finding = sampleFinding({ bucket: null, principal: null });
    expect(asffFinding(finding, importer).Resources).toMatchObject([
      { Type: 'AwsAccount', Id: 'AWS::::Account:111122223333' },
    ]);
  });
});

function refused(status: number, name: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': name },
    body: JSON.stringify({ Message: 'no' }),
  };
}

describe('Security Hub', () => {
  test('gets at most 100 findings a request, and a finding once in it', async () => {
    const { sink, imports } = await hub();
    const alerts = Array.from({ length: 150 }, (_, index) =>
      sampleAlert(sampleFinding({ id: index.toString(16).padStart(64, '0') })),
    );
    expect(await sink.send([...alerts, alerts[149]!])).toEqual([]);
    expect(imports().map((findings) => findings.length)).toEqual([100, 50, 1]);
  });

  test('is not asked twice who the caller is', async () => {
    const { sink, receiver } = await hub();
    await sink.send([sampleAlert()]);
    await sink.send([sampleAlert()]);
    expect(receiver.requests.map(({ path }) => path)).toEqual(['/', '/findings/import', '/findings/import']);
  });

  test('counts a digest as delivered without a request', async () => {
    const { sink, receiver } = await hub();
    const lines = [{ detector: 'log-bucket-object-deleted', severity: 'low', findings: 12 }] as const;
    const digest = digestOf({ sink: 'sink', runId: 'run-1', createdAt: '2026-03-01T02:00:00.000Z', lines });
    expect(await sink.send([sampleAlert(digest)])).toEqual([]);
    expect(receiver.requests).toEqual([]);
  });

  test.each([
    ['InvalidInput', true],
    ['InternalError', false],
    ['Throttling', false],
  ])('refuses single findings under HTTP 200: %s', async (ErrorCode, isPermanent) => {
    const { sink } = await hub(([first]) => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        FailedCount: 1,
        SuccessCount: 1,
        FailedFindings: [{ Id: first, ErrorCode, ErrorMessage: 'found wanting' }],
      }),
    }));
    const alerts = ['1', '2'].map((digit) => sampleAlert(sampleFinding({ id: digit.repeat(64) })));
    const error = `${ErrorCode}: found wanting`;
    expect(await sink.send(alerts)).toEqual([{ alert: alerts[0], error, isPermanent }]);
  });

  test('that forbids says which permission is missing', async () => {
    const { sink } = await hub(() => refused(403, 'AccessDeniedException'));
    await expect(sink.send([sampleAlert()])).rejects.toMatchObject({
      code: 'sink-forbidden',
      message: expect.stringContaining('securityhub:BatchImportFindings'),
    });
  });

  test('that refuses the request refuses its findings for good', async () => {
    const { sink } = await hub(() => refused(400, 'InvalidInputException'));
    expect(await sink.send([sampleAlert()])).toMatchObject([{ isPermanent: true }]);
  });

  test('that breaks between two requests keeps the first', async () => {
    let requests = 0;
    const { sink } = await hub((ids) => (++requests === 1 ? taken(ids) : refused(500, 'InternalException')));
    const alerts = Array.from({ length: 120 }, (_, index) =>
      sampleAlert(sampleFinding({ id: index.toString(16).padStart(64, '0') })),
    );
    const undelivered = await sink.send(alerts);
    expect(undelivered.map(({ alert }) => alert)).toEqual(alerts.slice(100));
    expect(undelivered.every(({ isPermanent }) => isPermanent === false)).toBe(true);
  });
});
