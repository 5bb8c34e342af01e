/** Who we are to AWS, and whether our clock is near enough to its. */
import { clientSettings } from '../../aws/access.js';
import type { Config } from '../../config/load.js';
import { formatDuration } from '../output/number-format.js';
import { answerOf, watchClock, type AwsProbe } from './aws-answer.js';
import { checksOf, type Check } from './check.js';
import { isAwsSink } from './sink-probes.js';

/** True when the config has anything of AWS. */
export function usesAws({ sources, sinks }: Config): boolean {
  return sources.some(({ type }) => type !== 'local') || sinks.some(isAwsSink);
}

/** The identity of the environment; GetCallerIdentity needs no permission, and no policy can deny it. */
export async function identityCheck(config: Config, probe: AwsProbe): Promise<Check> {
  const { ok, warn, fail } = checksOf('credentials');
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  const region = [...config.sources, ...config.sinks].map((entry) => ('region' in entry ? entry.region : null));
  const access = { region: region.find((name) => name !== null) ?? null, roleArn: null, externalId: null };
  const client = watchClock(new STSClient(await clientSettings(access)), probe);
  const answer = await answerOf(() => client.send(new GetCallerIdentityCommand({})));
  client.destroy();
  if ('output' in answer) return ok('identity', answer.output.Arn ?? 'unknown');
  const { kind, name, message } = answer.failure;
  const found = `${name}: ${message}`;
  if (kind !== 'credentials') return warn('identity', found, 'STS does not answer: the checks below tell more');
  return fail('identity', found, {
    todo: 'give this process valid credentials: a role of the host, AWS_PROFILE, or the variables of the SDK',
    kind: 'access',
  });
}

/** Signatures count for five minutes to both sides; the SDK then corrects itself, other programs on the host do not. */
const tolerableSkewMs = 300_000;
const noticeableSkewMs = 30_000;

/** Null when nobody answered. The least of the differences is the one with the least delay in it. */
export function clockCheck({ clockSkewsMs }: AwsProbe): Check | null {
  if (clockSkewsMs.length === 0) return null;
  const { ok, warn, fail } = checksOf('machine');
  const skewMs = clockSkewsMs.reduce((least, skew) => (Math.abs(skew) < Math.abs(least) ? skew : least));
  // The header has whole seconds.
  const found = `${Math.abs(skewMs) < 2000 ? 'within 2 s' : formatDuration(Math.abs(skewMs))} of the clock of AWS`;
  const todo = 'let the host keep its time, for example with chrony and 169.254.169.123';
  if (Math.abs(skewMs) > tolerableSkewMs) return fail('clock', found, { todo, kind: 'local' });
  return Math.abs(skewMs) > noticeableSkewMs ? warn('clock', found, todo) : ok('clock', found);
}
