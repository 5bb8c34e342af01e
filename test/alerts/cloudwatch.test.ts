/** The metrics of a run: which series, on the wire to CloudWatch and as log lines, and what the catalog is asked for them. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogCounts, type RunMetrics } from '../../alerts/metrics.js';
import { publishMetrics, type CloudWatchConfig } from '../../alerts/sinks/cloudwatch.js';
import { jsonError } from './aws-stub.js';
import { pointText, startCloudWatch } from './cloudwatch-stub.js';
import { AlertBench, configOf, deletions, detection, hourMs, startMs } from './samples.js';

const atMs = Date.parse('2026-03-01T02:00:00Z');

const quiet: RunMetrics = {
  atMs,
  isSuccess: true,
  durationMs: 12_500,
  objects: 3,
  objectsFailed: 0,
  rejected: 0,
  catalog: { findings: [], ingestLagMs: 3_600_000, alertsUndelivered: 0, deadLetters: 0 },
  detectors: [],
};

const config: CloudWatchConfig = {
  namespace: 'bucketwatch',
  method: 'put-metric-data',
  perDetector: false,
  region: null,
  roleArn: null,
};

async function published(metrics: RunMetrics, fields: Partial<CloudWatchConfig> = {}): Promise<string[]> {
  const cloudWatch = await startCloudWatch();
  await publishMetrics({ ...config, ...fields }, metrics, { writeLog: () => undefined });
  return cloudWatch.calls.flatMap(({ MetricData }) => MetricData.map(pointText));
}

const quietPoints = [
  'RunSuccess=1',
  'RunDurationSeconds=12.5',
  'ObjectsProcessed=3',
  'ObjectsFailed=0',
  'RowsRejected=0',
  'IngestLagSeconds=3600',
  'AlertsUndelivered=0',
  'DeadLetters=0',
  ...['critical', 'high', 'medium', 'low', 'info'].map((severity) => `Findings{Severity=${severity}}=0`),
];

describe('a run without findings', () => {
  it('publishes zeros and a heartbeat', async () => {
    expect(await published(quiet)).toEqual(quietPoints);
  });

  it('publishes them at the time of the run and not of events', async () => {
    const cloudWatch = await startCloudWatch();
    await publishMetrics({ ...config, namespace: 'Security/Buckets' }, quiet, { writeLog: () => undefined });
    const [call] = cloudWatch.calls;
    expect(call!.Namespace).toBe('Security/Buckets');
    expect(new Set(call!.MetricData.map(({ Timestamp }) => Timestamp))).toEqual(new Set([atMs / 1000]));
  });

  it('leaves out a lag that there is none of', async () => {
    const points = await published({ ...quiet, catalog: { ...quiet.catalog!, ingestLagMs: null } });
    expect(points).toEqual(quietPoints.filter((point) => !point.startsWith('IngestLag')));
  });
});

describe('a run with findings', () => {
  const findings = [
    { detector: 'a', severity: 'high', findings: 2 },
    { detector: 'b', severity: 'high', findings: 1 },
    { detector: 'b', severity: 'low', findings: 4 },
  ] as const;
  const metrics: RunMetrics = {
    ...quiet,
    catalog: { ...quiet.catalog!, findings },
    detectors: [
      { detector: 'a', severity: 'high' },
      { detector: 'a', severity: 'critical' },
    ],
  };

  it('counts them by severity', async () => {
    const points = await published(metrics);
    expect(points).toHaveLength(quietPoints.length);
    expect(points).toEqual(expect.arrayContaining(['Findings{Severity=high}=3', 'Findings{Severity=low}=4']));
  });

  it('counts them by detector, zeros too, only when asked to', async () => {
    const points = await published(metrics, { perDetector: true });
    expect(points.slice(quietPoints.length)).toEqual([
      'Findings{Detector=a,Severity=high}=2',
      'Findings{Detector=a,Severity=critical}=0',
      'Findings{Detector=b,Severity=high}=1',
      'Findings{Detector=b,Severity=low}=4',
    ]);
  });
});

describe('a run that ended with an error', () => {
  it('has a heartbeat of 0, and nothing that nobody could count', async () => {
    expect(await published({ ...quiet, isSuccess: false, catalog: null })).toEqual([
      'RunSuccess=0',
      ...quietPoints.slice(1, 5),
    ]);
  });
});

describe('many series', () => {
  const detectors = Array.from({ length: 1200 }, (_, index) => ({
    detector: `detector-with-a-long-name-${index}`,
    severity: 'high' as const,
  }));

  it('go in requests of at most 1,000, compressed', async () => {
    const cloudWatch = await startCloudWatch();
    await publishMetrics({ ...config, perDetector: true }, { ...quiet, detectors }, { writeLog: () => undefined });
    expect(cloudWatch.calls.map(({ MetricData }) => MetricData.length)).toEqual([1000, 213]);
    expect(cloudWatch.requests.map(({ isCompressed }) => isCompressed)).toEqual([true, true]);
  });
});

describe('a failure', () => {
  it.each([
    [jsonError(403, 'AccessDenied', 'no'), 'sink-forbidden', '"Action":"cloudwatch:PutMetricData","Resource":"*"'],
    [jsonError(403, 'ExpiredToken', 'no'), 'credentials-missing', 'AWS credentials'],
    [jsonError(400, 'InvalidParameterValue', 'no'), 'sink-unreachable', 'CloudWatch namespace bucketwatch'],
  ])('says what is missing: %j', async (answer, code, text) => {
    const cloudWatch = await startCloudWatch();
    cloudWatch.faults.push(answer);
    await expect(publishMetrics(config, quiet, { writeLog: () => undefined })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
  });
});

/** Transcribed from the JSON schema in "Specification: Embedded metric format" of the CloudWatch user guide. */
const emfDocument = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.number().int(),
    CloudWatchMetrics: z.array(
      z.strictObject({
        Namespace: z.string().min(1).max(1024),
        Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
        Metrics: z
          .array(z.strictObject({ Name: z.string().min(1).max(1024), Unit: z.enum(['Seconds', 'Count', 'None']) }))
          .max(100),
      }),
    ),
  }),
});

describe('embedded metrics', () => {
  const detectors = [{ detector: 'a', severity: 'high' }] as const;

  async function lines(metrics: RunMetrics = { ...quiet, detectors }): Promise<string[]> {
    const written: string[] = [];
    await publishMetrics({ ...config, method: 'emf', perDetector: true }, metrics, {
      writeLog: (line) => written.push(line),
    });
    return written;
  }

  it('are lines of the documented schema, whose references are all there', async () => {
    for (const line of await lines()) {
      expect(line).toMatch(/^[\x20-\x7e]+\n$/);
      const document = emfDocument.parse(JSON.parse(line)) as Record<string, unknown> & z.output<typeof emfDocument>;
      const [{ Dimensions, Metrics } = { Dimensions: [], Metrics: [] }] = document['_aws'].CloudWatchMetrics;
      for (const dimension of Dimensions.flat()) expect(document[dimension]).toEqual(expect.any(String));
      for (const { Name } of Metrics) expect(document[Name]).toEqual(expect.any(Number));
      expect(document['_aws'].Timestamp).toBe(atMs);
    }
  });

  it('say the same as the calls would', async () => {
    const points = (await lines()).flatMap((line) => {
      const document = JSON.parse(line) as Record<string, number> & z.output<typeof emfDocument>;
      return document['_aws'].CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
        Metrics.map(({ Name: MetricName }) =>
          pointText({
            MetricName,
            Dimensions: Dimensions[0]!.map((Name) => ({ Name, Value: String(document[Name]) })),
            Value: document[MetricName]!,
            Timestamp: atMs,
            Unit: 'None',
          }),
        ),
      );
    });
    expect(points).toEqual([...quietPoints, 'Findings{Detector=a,Severity=high}=0']);
  });
});

describe('what the catalog is asked', () => {
  it('counts what a run found and nobody quietened, and what waits in the outbox', async () => {
    const bench = await AlertBench.open();
    const sinks = configOf('sinks: [{ type: jsonl, path: /a }, { type: cloudwatch }]');
    await bench.record([detection({ hour: 1 })], { runId: 'before', config: sinks });
    const quietened = configOf(
      'suppressions: [{ detector: log-bucket-object-deleted, match: { bucket: known }, reason: r, owner: o }]\nsinks: [{ type: jsonl, path: /a }]',
    );
    await bench.record(
      [
        detection({ hour: 2, identity: { bucket: 'x' } }),
        detection({ hour: 2, identity: { bucket: 'y' }, severity: 'low' }),
        detection({ hour: 2, identity: { bucket: 'known' } }),
      ],
      { runId: 'run', config: quietened },
    );
    const counts = await bench.transact(async (connection) => {
      await connection.run(
        `insert into lake_files values
           ('s3_access_log', 'a', date '2026-03-01', 1, 1, null, timestamp '2026-03-01 05:00:00', 'run'),
           ('s3_access_log', 'b', date '2037-01-01', 1, 1, null, timestamp '2037-01-01 00:00:00', 'run')`,
      );
      await connection.run(`update outbox set state = 'dead' where severity = 'low'`);
      return catalogCounts(connection, { runId: 'run', nowMs: startMs + 48 * hourMs });
    });
    expect(counts).toEqual({
      findings: [
        { detector: deletions.id, severity: 'high', findings: 1 },
        { detector: deletions.id, severity: 'low', findings: 1 },
      ],
      // From the newest event that is not of the future.
      ingestLagMs: 43 * hourMs,
      // One of each run: nothing waits for cloudwatch, which takes no alerts.
      alertsUndelivered: 2,
      deadLetters: 1,
    });
  });
});
