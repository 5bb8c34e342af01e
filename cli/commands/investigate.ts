/** `bucketwatch investigate X`: who or what it is, what it did, what is new about it, and the SQL to go on with. */
import { exitCodes } from '../../config/app-error.js';
import { investigate, type Investigation } from '../../queries/investigation/investigate.js';
import type { SubjectKind } from '../../queries/investigation/subject.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { safeJson } from '../output/escape.js';
import { renderInvestigation } from '../output/investigation-card.js';
import { createStyle, wantsColours } from '../output/style.js';
import { periodOf } from '../period-option.js';
import { withReader } from '../reader-session.js';
import { writeText } from '../text-output.js';

export type InvestigateOptions = CommonOptions & {
  readonly as?: SubjectKind;
  readonly from?: string;
  readonly to?: string;
  readonly format: 'text' | 'json' | 'html';
  readonly queries: boolean;
  readonly all?: boolean;
  readonly out?: string;
};

export async function investigateCommand(
  context: CommandContext,
  subject: string,
  options: InvestigateOptions,
): Promise<number> {
  const period = periodOf(options);
  const investigation = await withReader(context, options, ({ connection }, config) =>
    investigate(connection, subject, {
      kind: options.as,
      period,
      config,
      ...(options.all === true ? { limit: Infinity } : {}),
    }),
  );
  await writeText(context, await rendered(context, investigation, options), options.out);
  return exitCodes.done;
}

async function rendered(
  { stdout, env, now }: CommandContext,
  investigation: Investigation,
  { format, out, queries }: InvestigateOptions,
): Promise<string> {
  if (format === 'json') return `${safeJson(JSON.stringify(investigation))}\n`;
  if (format === 'html') {
    const { investigationPage } = await import('../../reports/investigation-page.js');
    return investigationPage(investigation, { writtenMs: now() });
  }
  const isTerminal = out === undefined && stdout.isTTY === true;
  return renderInvestigation(investigation, {
    width: isTerminal ? (stdout.columns ?? 80) : null,
    style: createStyle(out === undefined && wantsColours(stdout, env)),
    hasQueries: queries,
  });
}
