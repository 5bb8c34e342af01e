/** `bucketwatch doctor`: would a run work here? Changes nothing, and sends nothing unless it is asked to. */
import { toAppError } from '../../config/app-error.js';
import type { Config } from '../../config/load.js';
import type { CommandContext, CommonOptions } from '../context.js';
import type { AwsProbe } from '../doctor/aws-answer.js';
import { checksOf, type Check } from '../doctor/check.js';
import { dataDirChecks } from '../doctor/data-dir-checks.js';
import { clockCheck, identityCheck, usesAws } from '../doctor/identity-checks.js';
import { listChecks } from '../doctor/list-checks.js';
import { machineChecks, thisMachine } from '../doctor/machine-checks.js';
import { checksJson, checksText, exitCodeOfChecks } from '../doctor/report.js';
import { sendTests } from '../doctor/send-test.js';
import { sinkChecks } from '../doctor/sink-checks.js';
import { sourceChecks } from '../doctor/source-checks.js';
import { renderFindingCard } from '../output/finding-card.js';
import { streamOutput } from '../output/output-stream.js';
import { createStyle, plainStyle, wantsColours } from '../output/style.js';
import { commandConfig } from '../run-session.js';

type DoctorOptions = CommonOptions & { readonly format?: 'table' | 'json'; readonly sendTest?: boolean };

export async function doctorCommand(context: CommandContext, options: DoctorOptions): Promise<number> {
  const { stdout, env } = context;
  const checks = await allChecks(context, options);
  const width = stdout.isTTY === true ? (stdout.columns ?? 80) : null;
  const text =
    options.format === 'json'
      ? checksJson(checks)
      : checksText(checks, { width, style: createStyle(wantsColours(stdout, env)) });
  const output = streamOutput(stdout);
  await output.write(text);
  await output.flush();
  return exitCodeOfChecks(checks);
}

async function allChecks(context: CommandContext, options: DoctorOptions): Promise<Check[]> {
  const { ok, fail } = checksOf('config');
  let config: Config;
  try {
    config = await commandConfig(context, options);
  } catch (error) {
    const todo = 'correct the file; bucketwatch init writes one in which every key is explained';
    return [fail('read', toAppError(error).message, { todo, kind: 'config' })];
  }
  const probe: AwsProbe = { now: context.now, clockSkewsMs: [] };
  const checks = [
    ok('read', config.configFile ?? 'no file: everything is default'),
    ...machineChecks(config, thisMachine()),
    ...(await dataDirChecks(config.dataDir)),
    ...(await listChecks(config, context.now())),
    ...(usesAws(config) ? [await identityCheck(config, probe)] : []),
    ...(await sourceChecks(config, probe)),
    ...(await sinkChecks(config, probe, context.env)),
    ...(options.sendTest === true ? await sendTests(config, sendOptions(context)) : []),
  ];
  const clock = clockCheck(probe);
  return clock === null ? checks : [...checks, clock];
}

function sendOptions({ stdout, now, env }: CommandContext): Parameters<typeof sendTests>[1] {
  const output = streamOutput(stdout);
  return {
    nowMs: now(),
    env,
    write: (text) => output.write(text),
    renderText: (content) =>
      'evidence' in content ? renderFindingCard(content, { width: null, style: plainStyle }) : `${content.title}\n`,
  };
}
