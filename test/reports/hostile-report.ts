/** A report and an investigation in which every text that comes from logs tries to become something else. */
import type { Finding } from '../../alerts/finding.js';
import type { Investigation } from '../../queries/investigation/investigate.js';
import type { ReportData } from '../../reports/report-data.js';

export const poisons = [
  '<script>window.ran = 1</script>',
  '</script><script>window.ran = 1</script>',
  '<img src=x onerror="window.ran = 1">',
  `"><svg onload="window.ran = 1">`,
  `' onmouseover='window.ran = 1' autofocus onfocus='window.ran = 1`,
  '</style><style>body { display: none }</style>',
  '</title><script>window.ran = 1</script>',
  '--><script>window.ran = 1</script><!--',
  ']]><script>window.ran = 1</script>',
  'javascript:window.ran = 1',
  '<meta http-equiv="refresh" content="0;url=https://evil.example.com/">',
  '<base href="https://evil.example.com/">',
  '<iframe srcdoc="<script>parent.ran = 1</script>"></iframe>',
  '<a href="https://evil.example.com/">next steps</a>',
  'invoice\u202efdp.exe',
  'a\u0000b\u0007\u001b[2J',
  '\ud800\u200b\u2066',
  '&lt;script&gt;&#x3c;script&#62;',
  'body{background:url(https://evil.example.com/)}',
  '𝓉'.repeat(2000),
] as const;

const all = poisons.join(' ');
const at = '2026-11-07T03:10:00.000Z';

function finding(poison: string, index: number): Finding {
  return {
    schema: 'bucketwatch.finding/1',
    id: index.toString(16).padStart(64, '0'),
    dedupe_key: 'a'.repeat(64),
    state: 'open',
    detector: poison,
    detector_version: 1,
    title: poison,
    description: `${poison}\n${all}`,
    severity: (['critical', 'high', 'medium', 'low', 'info'] as const)[index % 5]!,
    account_id: poison,
    region: poison,
    bucket: poison,
    key: poison,
    principal: poison,
    source_ip: poison,
    user_agent: poison,
    first_event_at: at,
    last_event_at: at,
    event_count: 1,
    evidence: [
      { event_time: at, log_uri: poison, log_line: 1, request_id: poison, action: poison, key: poison, status: 200 },
    ],
    baseline: { expected: poison, observed: poison, history_days: 1, factors: [poison] },
    mitre: [poison],
    query: `select '${poison}'\n-- ${all}`,
    next_steps: [poison],
    created_at: at,
    updated_at: at,
    run_id: poison,
  };
}

export const hostileReport: ReportData = {
  fromMs: Date.parse('2026-11-01T00:00:00Z'),
  toMs: Date.parse('2026-11-08T00:00:00Z'),
  stepSeconds: 86_400,
  baselineDays: 7,
  findings: poisons.map(finding),
  activity: [{ slot: new Date('2026-11-07T00:00:00Z'), requests: 10n, errors: 2n, bytes_out: 1n }],
  heat: poisons.map((bucket, index) => ({ bucket, hour_of_day: index % 24, requests: BigInt(10 ** (index % 9)) })),
  principals: poisons.map((principal) => ({ principal, requests: 1n, errors: 0n, bytes_out: 1n, buckets: 1n })),
  countries: poisons.map((country) => ({ country, networks: 1, requests: 1, bytesOut: 1 })),
  firstSeen: poisons.map((value) => ({
    dimension: value,
    value,
    context: value,
    first_at: new Date(at),
    requests: 1n,
  })),
  coverage: poisons.map((bucket) => ({
    bucket,
    access_log: 1n,
    cloudtrail: 0n,
    first_at: new Date(at),
    last_at: new Date(at),
    days: 1n,
  })),
  rejects: poisons.map((reason) => ({ reason, records: 1n, example: reason })),
  status: {
    last_run: { run_id: all, command: all, status: all, started_at: at, ended_at: at },
    objects: 1,
    objects_failed: 0,
    lines: 3,
    rows: 1,
    duplicates: 1,
    rejected: 0,
    bytes: 1,
    newest_event_at: at,
    pending_hours: 0,
    findings: {},
    alerts_pending: 0,
    alerts_dead: 0,
    lake: { files: 1, bytes: 1 },
    failing: [],
  },
  detectors: poisons.map((id) => ({ id, family: id, severity: id, state: id, title: id })),
};

export const hostileInvestigation: Investigation = {
  subject: all,
  kind: 'user-agent',
  taken_for: all,
  finding: null,
  from: at,
  to: at,
  notes: [all],
  facts: poisons.map((value) => ({ label: value, value, unit: null })),
  timeline: [
    {
      kind: 'active',
      first_at: at,
      last_at: at,
      requests: 1,
      failed: 1,
      bytes_out: 1,
      actions: all,
      marks: [...poisons],
    },
  ],
  timeline_query: all,
  sections: [
    { id: 'summary', title: 'Summary', rows: [{ requests: 1 }], query: all },
    {
      id: 'requests',
      title: 'Latest requests',
      rows: poisons.map((value) => ({ event_time: value, action: value, key: value, severity: value, row_id: value })),
      query: all,
    },
  ],
};
