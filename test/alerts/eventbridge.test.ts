/** The sink eventbridge, on a stand-in that counts and refuses as PutEvents does. */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../alerts/finding.js';
import type { Alert } from '../../alerts/outbox.js';
import { eventBridgeSink, eventEntry, maxEventBytes } from '../../alerts/sinks/eventbridge.js';
import type { Sink } from '../../alerts/sinks/sink.js';
import { fakeClock, jsonError, setAwsEnvironment, startAwsStub, type AwsStub, type StubAnswer } from './aws-stub.js';
import { hostileFinding } from './hostile-findings.js';
import { sampleAlert, sampleFinding, testSink } from './sink-conformance.js';

/** As it goes over the wire: times are seconds since 1970. */
interface WireEntry extends Omit<PutEventsRequestEntry, 'Time'> {
  readonly Time?: number;
}

interface BusStub extends AwsStub {
  readonly batches: WireEntry[][];
  readonly received: WireEntry[];
  /** What the next requests are answered with: error codes by place, or a whole answer. */
  readonly faults: (StubAnswer | { readonly codes: Readonly<Record<number, string>> })[];
}

async function startBus(): Promise<BusStub> {
  const batches: WireEntry[][] = [];
  const received: WireEntry[] = [];
  const faults: BusStub['faults'] = [];
  const stub = await startAwsStub(({ target, body }) => {
    if (target !== 'AWSEvents.PutEvents') return jsonError(400, 'UnknownOperationException', target);
    const { Entries } = JSON.parse(body) as { Entries: WireEntry[] };
    batches.push(Entries);
    const fault = faults.shift() ?? { codes: {} };
    if ('body' in fault) return fault;
    if (Entries.length > 10 || Entries.reduce((sum, entry) => sum + wireBytes(entry), 0) >= 1e6)
      return jsonError(400, 'ValidationException', 'Total size of the entries in the request is over the limit.');
    const answers = Entries.map((entry, index) => {
      const code = fault.codes[index] ?? problemOf(entry);
      if (code !== null) return { ErrorCode: code, ErrorMessage: `${code} of the stub` };
      received.push(entry);
      return { EventId: `event-${received.length}` };
    });
    const FailedEntryCount = answers.filter((answer) => 'ErrorCode' in answer).length;
    return { contentType: 'application/x-amz-json-1.1', body: JSON.stringify({ FailedEntryCount, Entries: answers }) };
  });
  setAwsEnvironment({ AWS_ENDPOINT_URL_EVENTBRIDGE: stub.url });
  return { ...stub, batches, received, faults };
}

const utf8 = (text: string): number => new TextEncoder().encode(text).length;

/** User guide, "Calculating PutEvents event entry size": 14 bytes for the time, and the UTF-8 of the rest. */
function wireBytes({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: WireEntry): number {
  return (Time === undefined ? 0 : 14) + utf8(Source) + utf8(DetailType) + utf8(Detail) + utf8(Resources.join(''));
}

function problemOf({ Source = '', DetailType = '', Detail = '', Resources = [] }: WireEntry): string | null {
  if (Source === '' || Source.startsWith('aws.')) return 'NotAuthorizedForSourceException';
  if (DetailType === '' || DetailType.length > 128) return 'InvalidArgument';
  if (Resources.some((arn) => !arn.startsWith('arn:') || arn.length > 2048)) return 'InvalidArgument';
  try {
    return typeof JSON.parse(Detail) === 'object' ? null : 'MalformedDetail';
  } catch {
    return 'MalformedDetail';
  }
}

function openSink(eventBus = 'default'): Sink {
  const config = { eventBus, region: null, roleArn: null };
  return eventBridgeSink({ name: `eventbridge:${eventBus}`, config, clock: fakeClock(), random: () => 0.5 });
}

testSink({
  name: 'eventbridge',
  largest: 10_000,
  async open() {
    const bus = await startBus();
    return {
      sink: openSink(),
      received: async () => bus.received.map(({ Detail }) => JSON.parse(Detail!) as unknown),
      breakDown: bus.stop,
    };
  },
});

function numbered(count: number, fields: Partial<Finding> = {}): Alert[] {
  return Array.from({ length: count }, (_, index) =>
    sampleAlert(sampleFinding({ id: index.toString(16).padStart(64, '0'), ...fields })),
  );
}

describe('an event', () => {
  it('has what rules match on', async () => {
    const bus = await startBus();
    const finding = sampleFinding({ key: 'a b/ä.txt', region: 'us-gov-west-1' });
    await openSink('security').send([sampleAlert(finding)]);
    const [{ Detail, ...event } = {}] = bus.received;
    expect(event).toEqual({
      EventBusName: 'security',
      Source: 'bucketwatch',
      DetailType: 'Bucketwatch Finding',
      Time: Date.parse('2026-03-01T02:00:00Z') / 1000,
      Resources: ['arn:aws-us-gov:s3:::acme-logs', 'arn:aws-us-gov:s3:::acme-logs/a b/ä.txt'],
    });
    expect(JSON.parse(Detail!)).toEqual(finding);
  });

  it('goes to a bus in the Region of its ARN', async () => {
    const bus = await startBus();
    await openSink('arn:aws:events:ap-southeast-2:111122223333:event-bus/security').send([sampleAlert()]);
    expect(bus.received).toHaveLength(1);
  });

  it('of any finding is one that PutEvents takes, and counted as it counts', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        const { event, bytes } = eventEntry(sampleAlert(finding), { eventBus: 'default' });
        const wire = { ...event, Time: Number(event.Time) };
        expect(problemOf(wire)).toBeNull();
        expect(bytes).toBe(wireBytes(wire));
        expect(bytes).toBeLessThanOrEqual(maxEventBytes);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a batch', () => {
  it('has ten events at most', async () => {
    const bus = await startBus();
    expect(await openSink().send(numbered(23))).toEqual([]);
    expect(bus.batches.map(({ length }) => length)).toEqual([10, 10, 3]);
  });
});

describe('a failure', () => {
  it('of one event leaves the others delivered, and is for good when the event is at fault', async () => {
    const bus = await startBus();
    bus.faults.push({ codes: { 1: 'MalformedDetail' } });
    const alerts = numbered(3);
    expect(await openSink().send(alerts)).toEqual([
      { alert: alerts[1], error: 'MalformedDetail: MalformedDetail of the stub', isPermanent: true },
    ]);
    expect(bus.received).toHaveLength(2);
  });

  it('of one event that passes is tried again within the call', async () => {
    const bus = await startBus();
    bus.faults.push({ codes: { 0: 'ThrottlingException', 2: 'InternalFailure' } });
    expect(await openSink().send(numbered(3))).toEqual([]);
    expect(bus.batches.map(({ length }) => length)).toEqual([3, 2]);
  });

  it.each([
    [
      jsonError(400, 'AccessDeniedException', 'no'),
      'sink-forbidden',
      '"events:PutEvents","Resource":"arn:aws:events:eu-west-1:111122223333:event-bus/b"',
    ],
    [jsonError(400, 'ResourceNotFoundException', 'no'), 'sink-unreachable', 'exists in that account and Region'],
    [jsonError(400, 'UnrecognizedClientException', 'no'), 'credentials-missing', 'AWS credentials'],
  ])('of the bus ends the call: %j', async (answer, code, text) => {
    const bus = await startBus();
    bus.faults.push(answer);
    const sink = openSink('arn:aws:events:eu-west-1:111122223333:event-bus/b');
    await expect(sink.send(numbered(20))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
    expect(bus.batches).toHaveLength(1);
  });
});
