/** A backtest against the run it stands for: the same findings, nothing recorded, suppressions that work when pasted. */
import { createHash } from 'node:crypto';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { suggestSuppressions, suppressionsYaml, type Suggestion } from '../../cli/backtest/suggest-suppressions.js';
import type { BacktestSummary, NoisyEntity } from '../../cli/backtest/summarise.js';
import { loadConfig } from '../../config/load.js';
import { isRollUp } from '../../detectors/engine/signals.js';
import { shippedDetectors } from '../../detectors/shipped.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');
const dataDir = temporaryFolder('backtest');

function bucketwatch(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...args, '--data-dir', dataDir], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 64e6,
  });
}

type Printed = BacktestSummary & { readonly suggestions: readonly Suggestion[]; readonly suppressions_yaml: string };

function backtest(config: string, ...args: string[]): Printed {
  return JSON.parse(bucketwatch('backtest', '--config', config, '--format', 'json', ...args).stdout) as Printed;
}

/** Names, sizes and contents of everything below the data directory. */
function contentOf(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => fs.statSync(path.join(folder, file)).isFile())
    .map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(fs.readFileSync(path.join(folder, file)))
          .digest('hex')}`,
    )
    .sort();
}

const rollUps = new Set(
  shippedDetectors()
    .filter(isRollUp)
    .map(({ id }) => id),
);

/** Not of a roll-up. */
const isOwn = ({ detector }: { readonly detector: string }): boolean => !rollUps.has(detector);

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, names.filter((one) => one === name).length]));
}

interface Listed {
  readonly detector: string;
  readonly severity: string;
  readonly first_event_at: string;
}

describe('backtest', () => {
  let recorded: Listed[];
  let result: Printed;
  let before: string[];

  beforeAll(() => {
    bucketwatch('run', '--config', demo, '--quiet');
    const list = bucketwatch('findings', 'list', '--format', 'jsonl', '--limit', '1000').stdout.trim().split('\n');
    recorded = list.map((line) => JSON.parse(line) as Listed);
    before = contentOf(dataDir);
    result = backtest(demo);
  });

  it('finds what a run over the same logs recorded, detector by detector', () => {
    expect(Object.fromEntries(result.detectors.map(({ detector, findings }) => [detector, findings]))).toEqual(
      countsOf(recorded.map(({ detector }) => detector)),
    );
  });

  it('files them under the days and severities of the recorded ones', () => {
    const days = result.by_day.flatMap(({ day, findings }) =>
      Object.entries(findings).flatMap(([severity, count]) =>
        Array.from({ length: count }, () => `${day} ${severity}`),
      ),
    );
    expect(days.sort()).toEqual(
      recorded.map(({ first_event_at, severity }) => `${first_event_at.slice(0, 10)} ${severity}`).sort(),
    );
  });

  it('leaves every file of the data directory as it was', () => {
    expect(contentOf(dataDir)).toEqual(before);
  });

  it('looks only at the days that it is asked for', () => {
    const part = backtest(demo, '--from', '2026-11-08', '--to', '2026-11-10');
    expect(part.period).toEqual({ from: '2026-11-08T00:00:00.000Z', to: '2026-11-10T00:00:00.000Z', days: 2 });
    // One commit wrote files of the same name under every day: a window must not take one for the other. What findings of
    // several days come to (roll-ups) is another matter.
    const ofDays = recorded.filter(({ first_event_at }) => /^2026-11-0[89]/.test(first_event_at)).filter(isOwn);
    expect(countsOf(ofDays.map(({ detector }) => detector))).toEqual(
      Object.fromEntries(part.detectors.filter(isOwn).map(({ detector, findings }) => [detector, findings])),
    );
    expect(part.findings).toBeGreaterThan(10);
  });

  it('suggests suppressions that hold back what they say, and nothing else, when they are pasted', () => {
    const [suggestion] = result.suggestions;
    expect(suggestion).toMatchObject({ detector: 'plaintext-http-access', findings: 3, hides_high: false });
    const config = path.join(temporaryFolder('pasted'), 'bucketwatch.yaml');
    fs.writeFileSync(config, fs.readFileSync(demo, 'utf8') + result.suppressions_yaml);
    const again = backtest(config);
    expect(again.suppressed).toBe(3);
    expect(again.findings).toBe(result.findings - 3);
  });

  it('prints the same as a table, and says that nothing was recorded', () => {
    const { stdout, status } = bucketwatch('backtest', '--config', demo, '--from', '2026-11-08', '--to', '2026-11-10');
    expect(status).toBe(0);
    expect(stdout).toContain('Nothing was recorded or sent.');
    expect(stdout).toMatch(/2026-11-09 +1 +[45] +2/);
  });

  it('refuses a period that ends before it begins', () => {
    const { stderr, status } = bucketwatch('backtest', '--from', '2026-11-10', '--to', '2026-11-08');
    expect(status).toBe(2);
    expect(stderr).toContain('is not before the end');
  });
});

const entity = (fields: Partial<NoisyEntity>): NoisyEntity => ({
  principal: 'arn:aws:iam::111122223333:role/app',
  bucket: 'acme-data',
  findings: 5,
  days: 4,
  worst: 'low',
  events: 10,
  ...fields,
});
const suggest = (...entities: NoisyEntity[]): Suggestion[] =>
  suggestSuppressions({ detectors: [{ detector: 'delete-anomaly', entities }] } as unknown as BacktestSummary);

describe('a suggested suppression', () => {
  const nowMs = Date.parse('2026-11-20T12:00:00Z');

  it('is commented out when it would hide high or critical findings, and says so', () => {
    const yaml = suppressionsYaml(suggest(entity({ worst: 'critical', bucket: 'vault' }), entity({})), nowMs);
    const { suppressions } = parse(yaml) as { suppressions: { match: { bucket: string } }[] };
    expect(suppressions.map(({ match }) => match.bucket)).toEqual(['acme-data']);
    expect(yaml).toContain('THIS WOULD HIDE CRITICAL FINDINGS');
  });

  it('leaves a config that is valid when all of them are commented out', () => {
    expect(parse(suppressionsYaml(suggest(entity({ worst: 'high' })), nowMs))).toEqual({ suppressions: [] });
  });

  it.each([
    ['came up twice only', { findings: 2 }],
    ['has a * in its name, which would stand for anything', { principal: 'arn:aws:iam::111122223333:role/*' }],
    ['names nobody', { principal: null, bucket: null }],
  ])('is not made of what %s', (_, fields) => {
    expect(suggest(entity(fields))).toEqual([]);
  });

  it('keeps hostile names inside their quotes', () => {
    const hostile = 'x"\n  - { detector: "*", reason: gone } # \u001b[2J';
    const folder = temporaryFolder('hostile-suppression');
    fs.writeFileSync(
      path.join(folder, 'bucketwatch.yaml'),
      suppressionsYaml(suggest(entity({ bucket: hostile.replace('*', '') })), nowMs),
    );
    const { suppressions } = loadConfig({ file: undefined, dataDir: undefined, env: {}, cwd: folder });
    expect(suppressions).toHaveLength(1);
    expect(suppressions[0]).toMatchObject({
      detector: 'delete-anomaly',
      match: { bucket: [hostile.replace('*', '')] },
    });
  });
});
