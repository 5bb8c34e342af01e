/**
 * Publishes the metrics of a run to CloudWatch. Unlike the sinks beside it, it takes no alerts: an alarm on these
 * metrics is the pager, and the findings of the other sinks are the record.
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { clientSettings } from '../../aws/access.js';
import { awsFailure } from '../../aws/failure.js';
import type { SinkOf } from '../../config/sink-schema.js';
import { metricPoints, type MetricPoint, type RunMetrics } from '../metrics.js';
import { awsSinkError } from './aws-sink-error.js';
import { batchesOf } from './batches.js';
import { emfLines } from './cloudwatch-emf.js';

export type CloudWatchConfig = Omit<SinkOf<'cloudwatch'>, 'type'>;

/** Of a request (API reference of PutMetricData, 2026-11): 1,000 metrics and 1 MB, here before it is compressed. */
export const putMetricDataLimits = { entries: 1000, bytes: 900_000 };

/** Throws an AppError, such as `sink-forbidden`, when the metrics did not arrive. */
export async function publishMetrics(
  config: CloudWatchConfig,
  metrics: RunMetrics,
  { writeLog }: { readonly writeLog: (line: string) => void },
): Promise<void> {
  const { namespace, perDetector } = config;
  const points = metricPoints(metrics, { perDetector });
  if (config.method === 'emf') emfLines(points, { namespace, atMs: metrics.atMs }).forEach((line) => writeLog(line));
  else await putMetricData(config, points, metrics.atMs);
}

async function putMetricData(config: CloudWatchConfig, points: readonly MetricPoint[], atMs: number): Promise<void> {
  const { namespace, region, roleArn } = config;
  const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient(await clientSettings({ region, roleArn, externalId: null }));
  try {
    const data = points.map((point) => metricDatum(point, atMs));
    for (const MetricData of batchesOf(data, bytesOf, putMetricDataLimits))
      await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
  } catch (thrown) {
    const what = `CloudWatch namespace ${namespace}`;
    throw awsSinkError(
      awsFailure(thrown),
      { what, action: 'cloudwatch:PutMetricData', resource: '*', roleArn },
      thrown,
    );
  } finally {
    client.destroy();
  }
}

function metricDatum({ name, dimensions, value, unit }: MetricPoint, atMs: number): MetricDatum {
  return {
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Timestamp: new Date(atMs),
    Value: value,
    Unit: unit,
  };
}

function bytesOf(datum: MetricDatum): number {
  return Buffer.byteLength(JSON.stringify(datum)) + 1;
}
