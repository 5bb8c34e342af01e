/** The whole way: a copy of a trail on disk, `bucketwatch run`, a finding. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';
import { delivered, keyList, signedTrail, tampered, writeObjects } from '../signed-trail.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');

interface Finding {
  readonly detector: string;
  readonly severity: string;
  readonly state: string;
  readonly description: string;
  readonly evidence: readonly { readonly log_uri: string; readonly action: string }[];
}

/** What a run says, and the findings afterwards. */
function watch(logs: string, dataDir: string, config: string): { said: string; findings: Finding[] } {
  const options = ['--config', config, '--data-dir', dataDir];
  const run = spawnSync(process.execPath, [program, 'run', logs, ...options], { encoding: 'utf8' });
  expect(run.stderr).not.toMatch(/^error/m);
  const list = spawnSync(process.execPath, [program, 'findings', 'list', '--format', 'jsonl', ...options], {
    encoding: 'utf8',
  });
  const findings = list.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Finding);
  return { said: run.stderr, findings: findings.filter(({ detector }) => detector === 'log-file-integrity-failed') };
}

it('a changed log file is a critical finding that shows what is in it now', () => {
  const folder = temporaryFolder('integrity-run');
  const config = path.join(folder, 'bucketwatch.yaml');
  fs.writeFileSync(config, 'log_integrity: { key_files: [keys.json] }\n');
  fs.writeFileSync(path.join(folder, 'keys.json'), JSON.stringify(keyList()));
  const logs = path.join(folder, 'logs');
  const dataDir = path.join(folder, 'data');
  const hours = signedTrail();
  writeObjects(logs, delivered(hours.slice(0, 2)));
  const first = watch(logs, dataDir, config);
  expect(first.said).toContain('2 digests, 1 with a verified signature: 4 of 4 log files verified, 0 problems');
  expect(first.findings).toEqual([]);

  hours[2]!.logs[1] = tampered(hours[2]!.logs[1]!);
  writeObjects(logs, delivered(hours));
  const { said, findings } = watch(logs, dataDir, config);
  expect(said).toContain('4 digests, 3 with a verified signature: 7 of 8 log files verified, 1 problem');
  expect(findings).toMatchObject([{ severity: 'critical', state: 'open' }]);
  expect(findings[0]!.evidence).toMatchObject([
    { log_uri: path.join(logs, hours[2]!.logs[1].key), action: 'GetObject' },
  ]);
  expect(watch(logs, dataDir, config).findings).toHaveLength(1);
});
