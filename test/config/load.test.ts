import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../config/app-error.js';
import { loadConfig, parseConfig } from '../../config/load.js';
import { parseDurationMs } from '../../config/scalars.js';
import { temporaryFolder } from '../temporary-folder.js';

/** The contract, word for word. */
const designExample = `data_dir: ./bucketwatch-data
sources:
  - { type: s3, uri: "s3://acme-s3-access-logs/prefix/", layout: auto, region: eu-central-1, role_arn: null, external_id: null, lookback: 3d }
  - { type: local, path: ./logs }
accounts: { own: ["111122223333"], trusted: ["555566667777"] }
networks: { trusted: ["198.51.100.0/24", "2001:db8::/32"] }
log_buckets: [acme-org-cloudtrail]            # others are discovered
public_buckets: [acme-media-public]
cloudfront_only: [acme-static-site]
tls_only: [acme-finance-reports]
vpc_endpoint_required: [acme-restricted-vault]
sensitive: [acme-customer-docs, "acme-finance-reports/exports/*"]
canaries: []
threat_lists: [{ name: custom, path: threat-ips.txt }]
geoip: { country: null, asn: null }           # paths of .mmdb files
business_hours: { time_zone: Europe/Berlin, days: [mon, tue, wed, thu, fri], hours: "07:00-20:00" }
learning: { days: 7, min_events: 50 }
detectors: { principal-new-source-ip: { severity: low, dry_run: false, params: { baseline_days: 30 } } }
suppressions: [{ detector: "exfiltration-*", match: { principal: "arn:aws:iam::111122223333:role/backup" }, reason: nightly backup, owner: storage@example.com, expires: 2027-01-31 }]
sinks: [{ type: sns, topic_arn: "arn:aws:sns:eu-central-1:111122223333:bucketwatch", min_severity: medium, format: json }, { type: cloudwatch, namespace: bucketwatch }]
limits: { memory: 512MB, threads: auto, max_inflated: 200MB }
retention_days: 90
`;

let cwd: string;
beforeEach(() => {
  cwd = temporaryFolder('config');
});

function write(name: string, text: string): void {
  writeFileSync(join(cwd, name), text);
}

function errorOf(action: () => unknown): AppError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('expected an AppError');
}

const problemsOf = (text: string): string[] => errorOf(() => parseConfig(text, 'bucketwatch.yaml')).message.split('\n');

describe('finding the file', () => {
  it('works with no file at all', () => {
    const config = loadConfig({ env: {}, cwd });
    expect(config).toMatchObject({
      configFile: null,
      dataDir: join(cwd, 'bucketwatch-data'),
      retentionDays: 90,
      sources: [],
    });
    expect(config.limits).toEqual({ memoryBytes: 512e6, threads: 'auto', maxInflatedBytes: 200e6 });
    expect(config.learning).toEqual({ days: 7, minEvents: 50 });
    expect(config.businessHours).toBeNull();
  });

  it('reads ./bucketwatch.yaml when it exists', () => {
    write('bucketwatch.yaml', 'retention_days: 30');
    expect(loadConfig({ env: {}, cwd })).toMatchObject({
      configFile: join(cwd, 'bucketwatch.yaml'),
      retentionDays: 30,
    });
  });

  it('refuses a --config that does not exist, with exit code 2', () => {
    expect(errorOf(() => loadConfig({ file: 'none.yaml', env: {}, cwd }))).toMatchObject({
      code: 'config-not-found',
      exitCode: 2,
    });
  });

  it('refuses a folder as config', () => {
    expect(errorOf(() => loadConfig({ file: '.', env: {}, cwd }))).toMatchObject({
      code: 'config-unreadable',
      exitCode: 2,
    });
  });

  it('names a file below the working directory shortly in errors', () => {
    mkdirSync(join(cwd, 'etc'));
    write('etc/bw.yaml', 'retention: 1');
    expect(errorOf(() => loadConfig({ file: 'etc/bw.yaml', env: {}, cwd })).message).toMatch(
      /^etc\/bw\.yaml:1 retention: /,
    );
  });
});

describe('paths', () => {
  it('resolves relative paths of the file against its own folder', () => {
    mkdirSync(join(cwd, 'etc'));
    write(
      'etc/bw.yaml',
      `data_dir: data
sources: [{ type: local, path: ./logs }]
threat_lists: [{ path: bad.txt }]
geoip: { country: c.mmdb, asn: /srv/a.mmdb }
sinks: [{ type: jsonl, path: out.jsonl }, { type: ocsf, path: o.jsonl }]`,
    );
    const config = loadConfig({ file: 'etc/bw.yaml', env: {}, cwd });
    const etc = join(cwd, 'etc');
    expect(config).toMatchObject({
      dataDir: join(etc, 'data'),
      sources: [{ path: join(etc, 'logs') }],
      threatLists: [{ name: 'custom', path: join(etc, 'bad.txt') }],
      geoip: { country: join(etc, 'c.mmdb'), asn: '/srv/a.mmdb' },
      sinks: [{ path: join(etc, 'out.jsonl') }, { path: join(etc, 'o.jsonl') }],
    });
  });

  it.each([
    ['the flag', { dataDir: 'flag', env: { BUCKETWATCH_DATA_DIR: 'env' } }, 'flag'],
    ['the variable when there is no flag', { env: { BUCKETWATCH_DATA_DIR: 'env' } }, 'env'],
    ['the file when the variable is empty', { env: { BUCKETWATCH_DATA_DIR: '' } }, 'file'],
  ])('takes the data directory from %s', (_, options, expected) => {
    write('bucketwatch.yaml', 'data_dir: file');
    expect(loadConfig({ ...options, cwd }).dataDir).toBe(join(cwd, expected));
  });
});

describe('normalising', () => {
  it('takes the example of the design', () => {
    const config = parseConfig(designExample, 'design');
    expect(config.sources[0]).toMatchObject({
      bucket: 'acme-s3-access-logs',
      prefix: 'prefix/',
      lookbackMs: 3 * 86_400_000,
    });
    expect(config.detectors['principal-new-source-ip']).toEqual({
      enabled: true,
      severity: 'low',
      dryRun: false,
      params: { baseline_days: 30 },
    });
    expect(config.sinks.map(({ type }) => type)).toEqual(['sns', 'cloudwatch']);
  });

  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['2w', 14 * 86_400_000],
    ['0d', null],
    ['3 days', null],
    ['', null],
  ])('reads the duration %j as %s ms', (written, expected) => {
    expect(parseDurationMs(written)).toBe(expected);
  });

  it('gives durations in ms, sizes in bytes and bucket and prefix of an S3 source', () => {
    const config = parseConfig(
      `sources: [{ type: s3, uri: "s3://acme-logs/a/b", lookback: 26h }]
limits: { memory: 1.5GiB, max_inflated: 64MB, threads: 3 }`,
      'x',
    );
    expect(config.sources[0]).toMatchObject({
      bucket: 'acme-logs',
      prefix: 'a/b',
      lookbackMs: 26 * 3_600_000,
      layout: 'auto',
    });
    expect(config.limits).toEqual({ memoryBytes: 1.5 * 2 ** 30, threads: 3, maxInflatedBytes: 64e6 });
  });

  it('gives the access of S3 and SQS sources under the names of the program', () => {
    const access = `region: us-east-1, role_arn: "arn:aws:iam::111122223333:role/r", external_id: x, endpoint: "http://127.0.0.1:4566", expected_bucket_owner: "111122223333", requester_pays: true`;
    const given = {
      region: 'us-east-1',
      roleArn: 'arn:aws:iam::111122223333:role/r',
      externalId: 'x',
      endpoint: 'http://127.0.0.1:4566',
      expectedBucketOwner: '111122223333',
      requesterPays: true,
    };
    const { sources } = parseConfig(
      `sources:
  - { type: s3, uri: "s3://acme-logs/", ${access} }
  - { type: sqs, queue_url: "https://sqs.us-east-1.amazonaws.com/111122223333/q", buckets: ["acme-*"], ${access} }
  - { type: sqs, queue_url: "https://sqs.us-east-1.amazonaws.com/111122223333/q" }`,
      'x',
    );
    expect(sources).toMatchObject([
      given,
      { ...given, buckets: ['acme-*'], queueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/q' },
      { region: null, roleArn: null, endpoint: null, expectedBucketOwner: null, requesterPays: false, buckets: [] },
    ]);
  });

  it('accepts a bucket without a prefix and an automatic look-back', () => {
    expect(parseConfig('sources: [{ type: s3, uri: "s3://acme-logs" }]', 'x').sources[0]).toMatchObject({
      prefix: '',
      lookbackMs: null,
    });
  });

  it('cuts host bits off networks and makes a network of one address', () => {
    const { networks } = parseConfig(
      'networks: { trusted: [198.51.100.7/24, 192.0.2.1, "2001:db8::1/32", "2001:db8::1"] }',
      'x',
    );
    expect(networks.trusted).toEqual(['198.51.100.0/24', '192.0.2.1/32', '2001:db8::/32', '2001:db8::1/128']);
  });

  it('lets a suppression hold through its last day', () => {
    const { suppressions } = parseConfig('suppressions: [{ detector: a-*, reason: r, expires: 2027-01-31 }]', 'x');
    expect(suppressions[0]).toMatchObject({ owner: null, match: {}, expiresAtMs: Date.UTC(2027, 1, 1) });
  });

  it('makes lists of single names in a match and leaves out what was not given', () => {
    const { suppressions } = parseConfig('suppressions: [{ match: { bucket: a, key: [b, c] }, reason: r }]', 'x');
    expect(suppressions[0]?.match).toEqual({ bucket: ['a'], key: ['b', 'c'] });
  });

  it('takes the Region of a topic from its ARN', () => {
    const { sinks } = parseConfig('sinks: [{ type: sns, topic_arn: "arn:aws:sns:eu-central-1:111122223333:t" }]', 'x');
    expect(sinks[0]).toMatchObject({ region: 'eu-central-1', minSeverity: 'medium', format: 'json', roleArn: null });
  });

  it('gives business hours in minutes of the day', () => {
    const { businessHours } = parseConfig('business_hours: { time_zone: Europe/Berlin, hours: "22:00-06:30" }', 'x');
    expect(businessHours).toMatchObject({ timeZone: 'Europe/Berlin', startMinute: 1320, endMinute: 390 });
  });

  it('keeps logs forever when asked', () => {
    expect(parseConfig('retention_days: forever', 'x').retentionDays).toBeNull();
  });

  it('treats a key without a value as left out', () => {
    expect(parseConfig('sources:\nlimits:\n  memory:\n', 'x')).toEqual(parseConfig('', 'x'));
  });

  it('follows anchors', () => {
    const { logBuckets, tlsOnly } = parseConfig('log_buckets: &b [a-logs]\ntls_only: *b', 'x');
    expect([logBuckets, tlsOnly]).toEqual([['a-logs'], ['a-logs']]);
  });
});

describe('errors', () => {
  it('names the line, the path, the value and the expected form of a wrong ARN', () => {
    expect(problemsOf('sinks:\n  - type: sns\n    topic_arn: my-topic\n')).toEqual([
      'bucketwatch.yaml:3 sinks[0].topic_arn: "my-topic" is not an ARN of an SNS topic; expected arn:aws:sns:<region>:<account>:<name>',
    ]);
  });

  it('names the nearest key for an unknown one, at the line of the key', () => {
    expect(problemsOf('retention_days: 1\nlimits:\n  memry: 1GB')).toEqual([
      'bucketwatch.yaml:3 limits.memry: unknown key; expected memory (the nearest of memory, threads, max_inflated)',
    ]);
  });

  it('understands camel case as a misspelling', () => {
    expect(
      problemsOf('sinks: [{ type: sns, topicArn: x, topic_arn: "arn:aws:sns:eu-central-1:111122223333:t" }]')[0],
    ).toContain('expected topic_arn');
  });

  it('lists the known keys when none is near', () => {
    expect(problemsOf('geoip: { elephant: 1 }')).toEqual([
      'bucketwatch.yaml:1 geoip.elephant: unknown key; expected one of country, asn',
    ]);
  });

  it('reports every problem, one a line, in the order of the file', () => {
    const problems = problemsOf(`retention_days: 0
accounts: { own: [111122223333], trusted: ["1"] }
networks: { trusted: [10.0.0.0/33, example.com] }
business_hours: { time_zone: Mars/Olympus, days: [monday], hours: 7-20 }
detectors: { Bad_Id: {}, x: { severity: urgent } }
limits: { memory: 1MB, threads: 0 }
sources: [{ type: ftp }, { type: s3 }, {}, 7]
`);
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(': ')))).toEqual([
      'bucketwatch.yaml:1 retention_days',
      'bucketwatch.yaml:2 accounts.own[0]',
      'bucketwatch.yaml:2 accounts.trusted[0]',
      'bucketwatch.yaml:3 networks.trusted[0]',
      'bucketwatch.yaml:3 networks.trusted[1]',
      'bucketwatch.yaml:4 business_hours.time_zone',
      'bucketwatch.yaml:4 business_hours.days[0]',
      'bucketwatch.yaml:4 business_hours.hours',
      'bucketwatch.yaml:5 detectors.Bad_Id',
      'bucketwatch.yaml:5 detectors.x.severity',
      'bucketwatch.yaml:6 limits.memory',
      'bucketwatch.yaml:6 limits.threads',
      'bucketwatch.yaml:7 sources[0].type',
      'bucketwatch.yaml:7 sources[1].uri',
      'bucketwatch.yaml:7 sources[2].type',
      'bucketwatch.yaml:7 sources[3]',
    ]);
    for (const problem of problems) expect(problem).toMatch(/: .+; expected .+/);
  });

  it.each([
    [
      'accounts: { own: [111122223333] }',
      '111122223333 is not an account id; expected 12 digits in quotes, such as "111122223333"',
    ],
    ['sources: [{ type: ftp }]', '"ftp" is not a known source; expected type: s3, local or sqs'],
    ['sources: [{ path: x }]', 'is missing; expected type: s3, local or sqs'],
    ['sources: [{ type: s3 }]', 'is missing; expected s3://<bucket>/<prefix>'],
    [
      'sources: [{ type: s3, uri: "s3://acme", expected_bucket_owner: 111122223333 }]',
      'is not an account id; expected 12 digits in quotes',
    ],
    [
      'sources: [{ type: s3, uri: "s3://acme", endpoint: "localhost:4566" }]',
      'is not the address of a server; expected https://<host>',
    ],
    ['sources: 5', '5 is not a list; expected a list, such as [a, b]'],
    ['sources: {}', 'a mapping is not a list; expected a list'],
    ['limits: []', 'a list is not a mapping; expected a mapping with keys of memory, threads, max_inflated'],
    ['limits: { threads: 0 }', '0 is not a number of threads; expected auto, or a whole number from 1 to 256'],
    ['log_buckets: ["s3://a"]', '"s3://a" is not a bucket name; expected a bucket name without s3://'],
    ['sources: [{ type: local, path: "s3://a/b" }]', 'a source of type s3 reads s3:// addresses'],
    ['suppressions: [{ reason: r }]', 'a mapping would suppress every finding; expected a detector, a match, or both'],
    ['suppressions: [{ detector: a }]', 'is missing; expected some text'],
    ['suppressions: [{ detector: a, reason: r, expires: 2027-02-30 }]', '"2027-02-30" is not a date'],
    ['suppressions: [{ match: { source_ip: 10.0.0.0/99 }, reason: r }]', '"10.0.0.0/99" is not an address'],
    ['business_hours: { hours: "07:00-07:00" }', 'is empty; expected two different times'],
    ['sinks: [{ type: webhook }]', 'has no address or two; expected either url or url_env'],
    ['- a', 'a list is not a mapping'],
    ['just text', '"just text" is not a mapping'],
  ])('explains %s', (text, expected) => {
    expect(problemsOf(text)[0]).toContain(expected);
  });

  it('never shows a value that may be a secret', () => {
    const text = 'sinks: [{ type: webhook, url: "ftp://hunter2", secret_env: "hunter2 secret", secret: hunter2 }]';
    expect(problemsOf(text)).toHaveLength(3);
    expect(problemsOf(text).join('\n')).not.toContain('hunter2');
  });

  it('shows hostile values escaped and short', () => {
    const [problem] = problemsOf(`log_buckets: ["\\e[2J\\u202e${'x'.repeat(1000)}"]`);
    expect(problem).toMatch(/"\\u001b\[2J\\u\{202e\}x+… is not a bucket name/);
    expect(problem!.length).toBeLessThan(250);
  });

  it('keeps an object prototype out of reach', () => {
    expect(problemsOf('__proto__: { a: 1 }')[0]).toContain('__proto__: unknown key');
  });

  it('refuses a mapping as key without a warning of its own', () => {
    expect(problemsOf('? { a: 1 }\n: 2')[0]).toContain('unknown key');
  });

  it('gives the line of broken YAML', () => {
    expect(problemsOf('retention_days: 1\nsources: [\n')[0]).toMatch(
      /^bucketwatch\.yaml:3 \(yaml\): .*; expected valid YAML$/,
    );
  });

  it('refuses a key given twice', () => {
    expect(problemsOf('retention_days: 1\nretention_days: 2')[0]).toMatch(
      /^bucketwatch\.yaml:2 \(yaml\): map keys must be unique/,
    );
  });

  it('refuses an alias bomb', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de'])
      lines.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(', ')}]`);
    expect(problemsOf(lines.join('\n'))[0]).toContain('expected at most 100 aliases');
  });
});
