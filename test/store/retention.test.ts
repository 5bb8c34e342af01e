/** Days beyond `retention_days` leave the lake; what is not old never does, whatever a log says of the time. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../store/store.js';
import { askLake, ingestLogs, temporaryFolder } from '../lake.js';

const now = (): number => Date.parse('2026-11-21T12:00:00Z');

function line(day: string, number: number): string {
  return `- acme-logs [${day}:10:00:00 +0000] 192.0.2.7 arn:aws:iam::111122223333:user/ada ${String(number).padStart(16, 'A')} REST.GET.OBJECT k "GET /k HTTP/1.1" 200 - 10 10 5 4 "-" "aws-cli/2.1" - abc= SigV4 - AuthHeader acme-logs.s3.amazonaws.com - - - -`;
}

let logs: string;
let dataDir: string;

async function ingestDays(...days: string[]): Promise<void> {
  for (const [number, day] of days.entries())
    fs.writeFileSync(path.join(logs, `2026-11-21-00-00-00-${day.replaceAll('/', '')}`), `${line(day, number)}\n`);
  await ingestLogs(logs, dataDir);
}

async function forget(days: number) {
  const store = await Store.open({ dataDir, threads: 2, memoryBytes: 512e6, command: 'run', now });
  try {
    const forgotten = await store.forget(days);
    await store.finish('done');
    return forgotten;
  } finally {
    store.close();
  }
}

async function keptDays(): Promise<string[]> {
  const rows = await askLake<{ day: string }>(
    dataDir,
    'select distinct cast(dt as varchar) as day from s3_access_log order by day',
  );
  return rows.map(({ day }) => day);
}

beforeEach(() => {
  logs = temporaryFolder('retention-logs');
  dataDir = temporaryFolder('retention-lake');
});

describe('retention', () => {
  it('forgets the days before the newest event, and keeps rollups and the ledger', async () => {
    await ingestDays('10/Nov/2026', '17/Nov/2026', '20/Nov/2026');
    expect(await forget(3)).toEqual({ days: 1, rows: 1, before: '2026-11-17' });
    expect(await keptDays()).toEqual(['2026-11-17', '2026-11-20']);
    expect(await askLake(dataDir, 'select count(*)::integer as n from activity_history')).toEqual([{ n: 3 }]);
    expect(await ingestLogs(logs, dataDir)).toMatchObject({ objects: 0, objectsSkipped: 3 });
    expect(await forget(3)).toMatchObject({ days: 0, rows: 0 });
  });

  it('counts from the newest event, so that old logs that somebody reads by hand stay', async () => {
    await ingestDays('01/Mar/2025', '02/Mar/2025');
    expect(await forget(90)).toMatchObject({ days: 0 });
    expect(await keptDays()).toEqual(['2025-03-01', '2025-03-02']);
  });

  it('forgets nothing for a date in the future', async () => {
    await ingestDays('01/Jan/2098', '20/Nov/2026');
    expect(await forget(90)).toMatchObject({ days: 0, before: '2026-08-23' });
    expect(await keptDays()).toEqual(['2026-11-20', '2098-01-01']);
  });

  it('has nothing to forget in an empty lake', async () => {
    expect(await forget(90)).toMatchObject({ days: 0, rows: 0 });
  });
});
