/** A stand-in for CloudWatch that reads what the SDK sends (awsJson1_0, gzipped when large) and keeps to its limits. */
import { jsonError, setAwsEnvironment, startAwsStub, type AwsStub, type StubAnswer } from './aws-stub.js';

export interface WireDatum {
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  /** Seconds since 1970. */
  readonly Timestamp: number;
  readonly Value: number;
  readonly Unit: string;
}

export interface CloudWatchStub extends AwsStub {
  readonly calls: { readonly Namespace: string; readonly MetricData: readonly WireDatum[] }[];
  /** What the next requests are answered with. */
  readonly faults: StubAnswer[];
}

export async function startCloudWatch(): Promise<CloudWatchStub> {
  const calls: CloudWatchStub['calls'] = [];
  const faults: StubAnswer[] = [];
  const stub = await startAwsStub(({ target, contentType, body }) => {
    if (target !== 'GraniteServiceVersion20100801.PutMetricData' || contentType !== 'application/x-amz-json-1.0')
      return jsonError(400, 'UnknownOperationException', `${target} as ${contentType}`);
    const fault = faults.shift();
    if (fault !== undefined) return fault;
    const call = JSON.parse(body) as CloudWatchStub['calls'][number];
    if (call.MetricData.length > 1000 || Buffer.byteLength(body) > 1e6)
      return jsonError(400, 'InvalidParameterValueException', 'too many metrics');
    calls.push(call);
    return { contentType: 'application/x-amz-json-1.0', body: '{}' };
  });
  setAwsEnvironment({ AWS_ENDPOINT_URL_CLOUDWATCH: stub.url });
  return { ...stub, calls, faults };
}

/** `Findings{Severity=high}=2` and so on. */
export function pointText({ MetricName, Dimensions, Value }: WireDatum): string {
  const dimensions = Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(',');
  return `${MetricName}${dimensions === '' ? '' : `{${dimensions}}`}=${Value}`;
}
