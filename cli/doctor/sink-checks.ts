/** The sinks of the config, without sending; the test message that proves them is in send-test.ts. */
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import type { Config } from '../../config/load.js';
import { answerOf, failedCheck, type AwsProbe } from './aws-answer.js';
import { checksOf, type Check, type Checks } from './check.js';
import { isAwsSink, probeOf } from './sink-probes.js';

type Sink = Config['sinks'][number];
type Environment = Readonly<Record<string, string | undefined>>;

export async function sinkChecks({ sinks }: Config, probe: AwsProbe, env: Environment): Promise<Check[]> {
  if (sinks.length === 0)
    return [checksOf('sinks').warn('config', 'none', 'add sinks: findings are kept, and nobody is told')];
  const checks: Check[] = [];
  for (const sink of sinks) checks.push(...(await checksOfSink(sink, probe, env)));
  return checks;
}

async function checksOfSink(sink: Sink, probe: AwsProbe, env: Environment): Promise<Check[]> {
  if (isAwsSink(sink)) {
    if (sink.type === 'cloudwatch' && sink.method === 'emf')
      return [checksOf('sink cloudwatch').ok('emf', 'metrics are lines of the log; nothing is called')];
    return [await awsCheck(sink, probe)];
  }
  switch (sink.type) {
    case 'stdout':
      return [checksOf('sink stdout').ok('write', 'stdout is open')];
    case 'jsonl':
    case 'ocsf':
      return [fileCheck(checksOf(`sink ${sink.type} ${sink.path}`), sink.path)];
    case 'webhook':
      return webhookChecks(sink, env);
  }
}

async function awsCheck(sink: Parameters<typeof probeOf>[0], probe: AwsProbe): Promise<Check> {
  const { thing, statement, ask } = probeOf(sink, probe);
  const checks = checksOf(sink.type === 'sns' ? `sink sns ${sink.topicArn}` : `sink ${sink.type}`);
  const answer = await answerOf(ask);
  if ('output' in answer || answer.failure.kind === 'rejected')
    return checks.ok('dry', 'answers; doctor --send-test proves the permission');
  return failedCheck(checks, answer.failure, { check: 'dry', thing, statement });
}

function fileCheck({ ok, fail }: Checks, file: string): Check {
  const exists = fs.existsSync(file);
  try {
    fs.accessSync(exists ? file : path.dirname(file), fs.constants.W_OK);
    return ok('write', exists ? 'can be written' : 'its folder can be written');
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return fail('write', `cannot be written (${code})`, {
      todo: 'make the folder and let the user of the job write there',
      kind: 'access',
    });
  }
}

const connectTimeoutMs = 5000;

/** The address may be a secret, so nothing but its host is shown. */
async function webhookChecks(
  { url, urlEnv, secretEnv }: Extract<Sink, { type: 'webhook' }>,
  env: Environment,
): Promise<Check[]> {
  const { ok, warn, fail } = checksOf('sink webhook');
  const unset = [urlEnv, secretEnv].filter((name) => name !== null && (env[name] ?? '') === '');
  if (unset.length > 0)
    return [fail('secrets', `${unset.join(', ')}: not set`, { todo: 'set it for the job', kind: 'config' })];
  const signed =
    secretEnv === null
      ? warn('signature', 'messages are not signed', 'set secret_env, if the receiver can check signatures')
      : ok('signature', 'messages are signed');
  const address = url ?? env[urlEnv!]!;
  if (!URL.canParse(address))
    return [signed, fail('connect', 'the address is not a URL', { todo: `correct ${urlEnv}`, kind: 'config' })];
  const { hostname, port, protocol } = new URL(address);
  const secure = protocol === 'https:';
  const problem = await connectProblem({ host: hostname, port: Number(port) || (secure ? 443 : 80), secure });
  if (problem === null) return [signed, ok('connect', `${hostname} answers`)];
  const todo = 'look at the address and the network: DNS, proxy, firewall, certificate';
  return [signed, fail('connect', `${hostname}: ${problem}`, { todo, kind: 'access' })];
}

interface Peer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Null when a connection, and with https the certificate, was good. */
async function connectProblem({ host, port, secure }: Peer): Promise<string | null> {
  return new Promise((resolve) => {
    const bare = host.replace(/^\[|\]$/g, '');
    const socket = secure
      ? tls.connect({ host: bare, port, ...(net.isIP(bare) === 0 ? { servername: bare } : {}) })
      : net.connect({ host: bare, port });
    const end = (problem: string | null): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(connectTimeoutMs, () => end(`no answer within ${connectTimeoutMs / 1000} s`));
    socket.once(secure ? 'secureConnect' : 'connect', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
