/** `npm run quality [-- --seeds 11,12,13,14 --days 42 --scale 20 --verbose]`: how good the detectors are, as text and JSON. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { qualityReport } from './report.js';
import { measureSeed } from './measure.js';
import type { Score } from './score.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '11,12,13,14' },
    days: { type: 'string', default: '42' },
    scale: { type: 'string', default: '20' },
    out: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'bucketwatch-quality-'));
const scores: Score[] = [];
try {
  for (const seed of values.seeds.split(',').map(Number)) {
    const weeks = { seed, fromMs: Date.parse('2026-08-03T00:00:00Z'), days: Number(values.days) };
    const score = await measureSeed({ ...weeks, scale: Number(values.scale) }, path.join(scratch, String(seed)));
    scores.push(score);
    process.stderr.write(`seed ${seed}: ${score.findings} findings, ${score.falseAlarms.length} false\n`);
    if (!values.verbose) continue;
    for (const { kind, foundBy } of score.played)
      process.stderr.write(`  ${kind}: ${foundBy.join(', ') || 'MISSED'}\n`);
    for (const { detector, severity, text } of score.falseAlarms)
      process.stderr.write(`  false ${severity} ${detector} ${text}\n`);
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
const report = qualityReport(scores);
process.stdout.write(report);
if (values.out !== undefined) fs.writeFileSync(values.out, report);
