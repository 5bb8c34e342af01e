/** `doctor --send-test`: one marked message through each sink, by the code that sends findings. */
import type { Alert } from '../../alerts/outbox.js';
import { findingSchemaName, sha256, type Finding } from '../../alerts/finding.js';
import { namedSinks } from '../../alerts/sink-name.js';
import { openSinks } from '../../alerts/sinks/open-sinks.js';
import { toAppError } from '../../config/app-error.js';
import type { Config } from '../../config/load.js';
import { checksOf, type Check } from './check.js';

export interface SendTestOptions {
  readonly nowMs: number;
  /** To stdout, for the sink of that name. */
  readonly write: (text: string) => Promise<void>;
  readonly renderText: (content: Alert['content']) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function sendTests(config: Config, options: SendTestOptions): Promise<Check[]> {
  const checks: Check[] = [];
  const sinks = openSinks(config.sinks, options);
  const finding = testFinding(options.nowMs);
  for (const { name } of namedSinks(config.sinks)) {
    const { ok, fail } = checksOf(`sink ${name}`);
    const sink = sinks.find((sink) => sink.name === name);
    // Metrics are of runs, and a test is none.
    if (sink === undefined) continue;
    const alert: Alert = { id: sha256([finding.id, name]), sink: name, reason: 'first', attempts: 0, content: finding };
    const problem = await sink.send([alert]).then(
      ([undelivered]) => undelivered?.error ?? null,
      (error: unknown) => toAppError(error).message,
    );
    const todo = 'see the dry check of the sink for the statement, or the error for what the receiver wants';
    checks.push(
      problem === null
        ? ok('send test', `delivered, with id ${alert.id.slice(0, 12)}`)
        : fail('send test', problem, { todo, kind: 'access' }),
    );
  }
  return checks;
}

/** Says everywhere a person may look that nothing happened; every field that filters stand on is there. */
export function testFinding(nowMs: number): Finding {
  const now = new Date(nowMs).toISOString();
  const dedupeKey = sha256(['doctor-test']);
  return {
    schema: findingSchemaName,
    id: sha256([dedupeKey, now]),
    dedupe_key: dedupeKey,
    state: 'open',
    detector: 'doctor-test',
    detector_version: 1,
    title: 'TEST of bucketwatch doctor: nothing happened',
    description:
      'This message was sent by "bucketwatch doctor --send-test" to see whether it arrives. Nothing happened.',
    severity: 'info',
    account_id: null,
    region: null,
    bucket: null,
    key: null,
    principal: null,
    source_ip: null,
    user_agent: null,
    first_event_at: now,
    last_event_at: now,
    event_count: 0,
    evidence: [],
    baseline: null,
    mitre: [],
    query: "select 'nothing happened' as test",
    next_steps: ['Nothing to do: this is a test.'],
    created_at: now,
    updated_at: now,
    run_id: 'doctor',
  };
}
