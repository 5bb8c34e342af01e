/** One seed: weeks of logs are written, read and searched by the program itself, and its findings are scored. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Severity } from '../../config/severity.js';
import { accessLogObjects } from '../../fixtures/generator/access-log-delivery.js';
import { cloudTrailObjects } from '../../fixtures/generator/cloudtrail-delivery.js';
import { Random } from '../../fixtures/generator/random.js';
import { writeLogs } from '../../fixtures/generator/write.js';
import { generateWeeks, type WeeksOptions } from '../../fixtures/weeks/weeks.js';
import { queryRows } from '../../store/duckdb.js';
import { openReader } from '../../store/reader.js';
import { packageRoot } from '../../store/sql-files.js';
import { scoreOf, type FoundFinding, type Score } from './score.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const memoryBytes = 512e6;

/** The account as its owner would describe it; nothing is tuned to what is played. */
const config = (logs: string): string => `
sources: [{ type: local, path: ${JSON.stringify(logs)} }]
accounts: { own: ['111122223333'], trusted: ['555566667777'] }
networks: { trusted: ['10.0.0.0/8', '198.51.100.0/24'] }
log_buckets: [acme-org-cloudtrail, acme-s3-access-logs]
public_buckets: [acme-media-public]
cloudfront_only: [acme-static-site]
tls_only: [acme-finance-reports]
sensitive: [acme-customer-docs, 'acme-finance-reports/exports/*']
business_hours: { time_zone: Europe/Berlin, days: [mon, tue, wed, thu, fri], hours: '07:00-20:00' }
learning: { days: 14, min_events: 50 }
retention_days: forever
`;

export async function measureSeed(options: WeeksOptions, folder: string): Promise<Score> {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const weeks = generateWeeks(options);
  const random = new Random(`weeks-delivery/${options.seed}`);
  const delivery = { accessLogObjectsPerDay: 2, cloudTrailObjectsPerDay: 8 };
  writeLogs(folder, {
    objects: [
      ...accessLogObjects(random.fork('access'), weeks.traffic, delivery),
      ...cloudTrailObjects(random.fork('cloudtrail'), weeks.traffic, delivery),
    ],
    truth: [],
  });
  const configFile = path.join(folder, 'bucketwatch.yaml');
  fs.writeFileSync(configFile, config(path.join(folder, 'logs')));
  const dataDir = path.join(folder, 'data');
  execFileSync(process.execPath, [program, 'run', '--config', configFile, '--data-dir', dataDir, '--quiet', '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return scoreOf(options.seed, weeks, await findingsOf(dataDir));
}

interface Row {
  readonly id: string;
  readonly detector: string;
  readonly severity: Severity;
  readonly principal: string | null;
  readonly source_ip: string | null;
  readonly bucket: string | null;
  readonly first_ms: number;
  readonly evidence: string;
  readonly windows: string;
}

const findingsSql = `
select
  findings.id, findings.detector, findings.severity, findings.principal, findings.source_ip, findings.bucket,
  epoch_ms(findings.first_event_at)::double as first_ms,
  any_value(findings.body->'evidence')::varchar as evidence,
  to_json(list({ fromMs: epoch_ms(windows.first_event_at), toMs: epoch_ms(windows.last_event_at) }))::varchar as windows
from findings
join finding_windows as windows on windows.finding_id = findings.id
group by all`;

async function findingsOf(dataDir: string): Promise<FoundFinding[]> {
  const reader = await openReader({ dataDir, threads: 2, memoryBytes });
  try {
    const rows = await queryRows<Row>(reader.connection, findingsSql);
    return rows.map(({ source_ip: sourceIp, first_ms: firstMs, evidence, windows, ...same }) => ({
      ...same,
      sourceIp,
      firstMs,
      requestIds: (JSON.parse(evidence) as { request_id: string | null }[]).flatMap(({ request_id: id }) => id ?? []),
      windows: JSON.parse(windows) as FoundFinding['windows'],
    }));
  } finally {
    reader.close();
  }
}
