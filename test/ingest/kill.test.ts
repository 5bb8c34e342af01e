/** kill -9 at random moments of ingest, fifty times in a row: nothing is lost and nothing is there twice. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { askLake } from '../lake.js';
import { temporaryFolder } from '../temporary-folder.js';

const kills = 50;
const filesPerRound = 12;
const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');

/** Lines of a file: mostly its own, one that an earlier file has too, and one that cannot be parsed. */
function writeFiles(folder: string, round: number): void {
  for (let file = 0; file < filesPerRound; file++) {
    const number = round * filesPerRound + file;
    const lines = Array.from({ length: 40 }, (_, line) => logLine(number, line));
    if (number > 0) lines.push(logLine(number - 1, 7));
    lines.push('this is not a record');
    fs.writeFileSync(
      path.join(folder, `2026-10-19-00-00-00-${String(number).padStart(16, '0')}`),
      `${lines.join('\n')}\n`,
    );
  }
}

function logLine(file: number, line: number): string {
  const id = createHash('sha256').update(`${file}/${line}`).digest('hex').toUpperCase().slice(0, 16);
  const time = `19/Oct/2026:${String(file % 24).padStart(2, '0')}:${String(line).padStart(2, '0')}:00 +0000`;
  return `79a59df900b949e55d96a1e698fbaced acme-logs [${time}] 192.0.2.7 arn:aws:iam::111122223333:user/ada ${id} REST.GET.OBJECT k/${file}/${line} "GET /k/${file}/${line} HTTP/1.1" 200 - 10 10 5 4 "-" "aws-cli/2.1" - abc= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme-logs.s3.amazonaws.com TLSv1.3 - - -`;
}

/** Runs an ingest and kills it after a while, unless it has ended by itself. */
async function ingestAndKill(logs: string, dataDir: string, killAfterMs: number): Promise<void> {
  const child = spawn(process.execPath, [program, 'ingest', logs, '--data-dir', dataDir, '--quiet'], {
    stdio: 'ignore',
  });
  const killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await new Promise((resolve) => child.on('exit', resolve));
  clearTimeout(killer);
}

describe('a killed ingest', () => {
  it(`leaves exact totals after ${kills} kills`, async () => {
    const logs = temporaryFolder('kill-logs');
    const dataDir = temporaryFolder('kill-lake');
    let state = 20_261_121;
    const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    for (let round = 0; round < kills; round++) {
      writeFiles(logs, round);
      await ingestAndKill(logs, dataDir, 80 + random() * 900);
    }
    await ingestAndKill(logs, dataDir, 60_000);

    const files = kills * filesPerRound;
    const lines = files * 42 - 1;
    const [ledger] = await askLake<object>(
      dataDir,
      `select count(*)::int as objects, sum(lines)::int as lines, sum("rows")::int as rows, sum(duplicates)::int as duplicates,
         sum(rejected)::int as rejected from objects`,
    );
    expect(ledger).toEqual({ objects: files, lines, rows: files * 40, duplicates: files - 1, rejected: files });
    const [lake] = await askLake<object>(
      dataDir,
      `select (select count(*)::int from s3_access_log) as rows, (select count(distinct request_id)::int from s3_access_log) as ids,
         (select count(*)::int from rejects) as rejects`,
    );
    expect(lake).toEqual({ rows: files * 40, ids: files * 40, rejects: files });
  }, 600_000);
});
