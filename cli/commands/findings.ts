/** `bucketwatch findings`: list, show, and what people decide about them. */
import { acknowledge, close, getFinding, listFindings, reopen } from '../../alerts/findings-store.js';
import { findingStates, type Finding, type FindingState } from '../../alerts/finding.js';
import { suppressionStates, type SuppressionState } from '../../alerts/suppression-hits.js';
import { AppError, exitCodes } from '../../config/app-error.js';
import type { Severity } from '../../config/severity.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { renderFindingCard } from '../output/finding-card.js';
import { renderFindings } from '../output/findings-table.js';
import { toRowStream, type Cell, type RowSet } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import { createNotes } from '../notes.js';
import { withReader } from '../reader-session.js';
import { printRows, type RowOutputOptions } from '../row-output.js';
import { withRun } from '../run-session.js';

type ListOptions = CommonOptions &
  RowOutputOptions & {
    readonly state?: readonly string[];
    readonly severity?: Severity;
    readonly detector?: string;
    readonly limit: string;
  };

/** States that want attention: what is listed when no state is asked for. */
const liveStates: readonly FindingState[] = ['open', 'updated', 'acknowledged'];

export async function listFindingsCommand(context: CommandContext, options: ListOptions): Promise<number> {
  const filters = {
    states: statesOf(options.state),
    minSeverity: options.severity,
    detector: options.detector,
    limit: limitOf(options.limit),
  };
  const findings = await withReader(context, options, ({ connection }) => listFindings(connection, filters));
  if (options.format !== undefined && options.format !== 'table') {
    await printRows(context, toRowStream(findingRows(findings)), options);
    return exitCodes.done;
  }
  if (findings.length === 0)
    createNotes(context, options).note(
      'no-findings',
      'no findings; "bucketwatch detectors list" shows what is looked for',
    );
  else context.stdout.write(renderFindings(findings, tableOptions(context)));
  return exitCodes.done;
}

export async function showFindingCommand(
  context: CommandContext,
  id: string,
  options: CommonOptions & { format: string },
): Promise<number> {
  const { finding } = await withReader(context, options, ({ connection }) => getFinding(connection, id));
  const text =
    options.format === 'json' ? `${JSON.stringify(finding)}\n` : renderFindingCard(finding, tableOptions(context));
  context.stdout.write(text);
  return exitCodes.done;
}

/** `findings suppressions`: also those that are over, and those that nothing matched. */
export async function listSuppressionsCommand(
  context: CommandContext,
  options: CommonOptions & RowOutputOptions,
): Promise<number> {
  const states = await withReader(context, options, ({ connection }, { suppressions }) =>
    suppressionStates(connection, { suppressions, nowMs: context.now() }),
  );
  const isTable = options.format === undefined || options.format === 'table';
  if (states.length === 0 && isTable)
    createNotes(context, options).note('no-suppressions', 'the config has no suppressions');
  else await printRows(context, toRowStream(suppressionRows(states)), options);
  return exitCodes.done;
}

function suppressionRows(states: readonly SuppressionState[]): RowSet {
  const names = ['detector', 'match', 'reason', 'owner', 'expires', 'is_expired', 'hits', 'last_hit_at'] as const;
  const types = {
    match: 'json',
    expires: 'date',
    is_expired: 'boolean',
    hits: 'integer',
    last_hit_at: 'timestamp',
  } as const;
  return {
    columns: names.map((name) => ({ name, type: name in types ? types[name as keyof typeof types] : 'text' })),
    rows: states.map((state) => names.map((name) => (name === 'match' ? JSON.stringify(state.match) : state[name]))),
  };
}

const changes = { ack: acknowledge, close, reopen } as const;

/** `findings ack`, `close` and `reopen`. */
export function changeFindingCommand(change: keyof typeof changes) {
  return async (context: CommandContext, id: string, options: CommonOptions & { note?: string }): Promise<number> =>
    withRun(context, options, {
      command: `findings ${change}`,
      work: async ({ store, notes }) => {
        const by = context.env['USER'] ?? context.env['USERNAME'] ?? 'unknown';
        const decision = { by, note: options.note ?? null, nowMs: context.now() };
        const { finding: changed } = await store.transact((connection) => changes[change](connection, id, decision));
        notes.note('finding-changed', `${changed.id.slice(0, 10)} is ${changed.state}: ${changed.title}`, {
          id: changed.id,
          state: changed.state,
        });
        return exitCodes.done;
      },
    });
}

function tableOptions({ stdout, env }: CommandContext): {
  width: number | null;
  style: ReturnType<typeof createStyle>;
} {
  return {
    width: stdout.isTTY === true ? (stdout.columns ?? 80) : null,
    style: createStyle(wantsColours(stdout, env)),
  };
}

function statesOf(given: readonly string[] | undefined): readonly FindingState[] {
  if (given === undefined) return liveStates;
  return given.map((state) => {
    const known = findingStates.find((each) => each === state);
    if (known === undefined)
      throw new AppError('usage', `--state ${state}: is not a state; expected ${findingStates.join(', ')}`);
    return known;
  });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new AppError('usage', `--limit ${text}: is not a number of findings; expected 1 or more`);
  return limit;
}

/** Findings under their contract names; nested parts are JSON. */
function findingRows(findings: readonly Finding[]): RowSet {
  const names = Object.keys(findings[0] ?? { id: '' }) as (keyof Finding)[];
  const isNested = (name: keyof Finding): boolean =>
    findings.some((finding) => typeof finding[name] === 'object' && finding[name] !== null);
  return {
    columns: names.map((name) => ({
      name,
      type: isNested(name) ? 'json' : name === 'event_count' || name === 'detector_version' ? 'integer' : 'text',
    })),
    rows: findings.map((finding) =>
      names.map((name): Cell => {
        const value = finding[name];
        return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
      }),
    ),
  };
}
