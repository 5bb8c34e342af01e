/** docker-compose.yml, the Dockerfile and what goes into the image; no Docker is needed to see what matters. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { startFauxqs } from 'fauxqs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../config/load.js';
import { packageRoot } from '../../store/sql-files.js';
import { filesEndingIn, stageOf, textOf } from '../structure/source-files.js';
import { temporaryFolder } from '../temporary-folder.js';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly privileged?: boolean;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const compose = parse(textOf('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);
const built = services.filter(([, { build }]) => build !== undefined);
const pulled = services.filter(([, { build }]) => build === undefined);

describe('docker-compose.yml', () => {
  it('listens on this machine only', () => {
    const ports = services.flatMap(([, { ports = [] }]) => ports);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('pins every image that it pulls, by version and digest', () => {
    expect(pulled.map(([name]) => name)).toEqual(['aws', 'trail']);
    for (const [, { image }] of pulled) expect(image).toMatch(/^[a-z/]+:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
  });

  it('gives what it builds no rights and a root that cannot be written', () => {
    for (const [, service] of built) {
      expect(service).toMatchObject({ user: '10001:10001', read_only: true, cap_drop: ['ALL'] });
    }
  });

  it('hands no socket of Docker and no privileges to anybody', () => {
    expect(textOf('docker-compose.yml')).not.toContain('docker.sock');
    for (const [, { privileged }] of services) expect(privileged).toBeUndefined();
  });

  it('starts the emulator, then the seed, then the job on a loop', () => {
    expect(compose.services['aws']!.healthcheck).toBeDefined();
    expect(compose.services['seed']!.depends_on).toEqual({ aws: { condition: 'service_healthy' } });
    const job = compose.services['bucketwatch']!;
    expect(job.depends_on).toEqual({ seed: { condition: 'service_completed_successfully' } });
    expect(job.command!.slice(0, 2)).toEqual(['run', '--every']);
    expect(job.volumes).toContain('data:/var/lib/bucketwatch');
    expect(Object.keys(compose.volumes)).toEqual(['data']);
  });

  it('starts the second emulator only when it is asked for', () => {
    expect(services.filter(([, { profiles = [] }]) => profiles.length > 0).map(([name]) => name)).toEqual(['trail']);
  });

  it('leads every client to the emulator, with keys that open nothing', () => {
    for (const name of ['seed', 'bucketwatch']) {
      const { environment = {} } = compose.services[name]!;
      expect(environment['AWS_ENDPOINT_URL']).toBe('${BUCKETWATCH_ENDPOINT:-http://aws:4566}');
      expect(environment).toMatchObject({ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    }
  });

  it('has a config that reads what the seed puts there and tells whom the seed subscribes', () => {
    const file = path.join(packageRoot, 'deploy/compose/bucketwatch.yaml');
    const { sources, sinks } = loadConfig({ file, env: {}, cwd: packageRoot });
    const { SEED_BUCKET, SEED_TOPIC } = compose.services['seed']!.environment!;
    const prefixes = sources.map((source) =>
      source.type === 's3' && source.bucket === SEED_BUCKET ? source.prefix : null,
    );
    const logs = path.join(packageRoot, 'fixtures/demo/logs');
    const keys = fs
      .readdirSync(logs, { recursive: true, encoding: 'utf8' })
      .filter((file) => fs.statSync(path.join(logs, file)).isFile());
    expect(keys.filter((key) => !prefixes.some((prefix) => prefix !== null && key.startsWith(prefix)))).toEqual([]);
    expect(sinks).toContainEqual(
      expect.objectContaining({ type: 'sns', topicArn: `arn:aws:sns:us-east-1:000000000000:${SEED_TOPIC}` }),
    );
  });

  it('runs files that are in the image', () => {
    const script = compose.services['seed']!.entrypoint![1]!;
    expect(fs.existsSync(path.join(packageRoot, script.replace('/opt/bucketwatch/', '')))).toBe(true);
  });
});

const seed = async (env: Readonly<Record<string, string>>): Promise<{ status: number | null; output: string }> => {
  const child = spawn(process.execPath, [path.join(packageRoot, 'dist/deploy/seed.js')], {
    env: { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, output };
};

describe('the seed', () => {
  it('fills a bucket with every bundled log and lets the queue hear the topic, also the second time', async () => {
    const server = await startFauxqs({ port: 0, logger: false });
    try {
      const endpoint = `http://127.0.0.1:${server.port}`;
      const env = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', ...compose.services['seed']!.environment };
      for (const _ of [1, 2]) {
        const { status, output } = await seed({ ...env, AWS_ENDPOINT_URL: endpoint });
        expect(output).toContain('309 objects in s3://acme-logs');
        expect(status).toBe(0);
      }
      const client = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
      const s3 = new S3Client({ ...client, forcePathStyle: true });
      const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: 'acme-logs' }));
      expect(KeyCount).toBe(309);
      const sns = new SNSClient(client);
      await sns.send(
        new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:000000000000:bucketwatch', Message: 'hello' }),
      );
      expect(server.inspectQueue('bucketwatch-inbox')?.messages.ready).toHaveLength(1);
      s3.destroy();
      sns.destroy();
    } finally {
      await server.stop();
    }
  });

  it('writes nothing where no emulator is named', async () => {
    const { status, output } = await seed({});
    expect(status).toBe(2);
    expect(output).toContain('AWS_ENDPOINT_URL');
  });
});

describe('the Dockerfile', () => {
  const dockerfile = textOf('Dockerfile');
  const instructions = dockerfile
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

  it('stands on one Node.js of an exact version and digest', () => {
    expect(instructions[0]).toMatch(/^ARG NODE=node:2[24]\.\d+\.\d+-bookworm-slim@sha256:[0-9a-f]{64}$/);
    const bases = instructions.filter((line) => line.startsWith('FROM '));
    expect(bases.length).toBeGreaterThan(1);
    for (const base of bases) expect(base).toMatch(/^FROM \$\{NODE\}/);
  });

  it('ends as a user without rights, with SIGTERM and without a health check', () => {
    expect(last).toContain('USER 10001:10001');
    expect(last).toContain('STOPSIGNAL SIGTERM');
    expect(last.some((line) => line.startsWith('HEALTHCHECK'))).toBe(false);
    expect(last.findIndex((line) => line.startsWith('RUN'))).toBeLessThan(last.indexOf('USER 10001:10001'));
    // The form of a list: the process itself gets the signal, and no shell in front of it.
    expect(last).toContain('ENTRYPOINT ["bucketwatch"]');
  });

  it('installs exactly what is locked, without scripts, and without tools of developers in the last stage', () => {
    const installs = instructions.filter((line) => line.includes('npm ci'));
    expect(installs).toEqual(['RUN npm ci --ignore-scripts', 'RUN npm ci --omit=dev --ignore-scripts']);
    expect(dockerfile).toContain('COPY --from=dependencies /package/node_modules');
  });

  it('gets everything from .dockerignore that the build needs, and nothing that is private', () => {
    const allowed = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const folders = new Set(filesEndingIn('.ts').map(stageOf));
    const missing = [...folders].filter(
      (folder) =>
        !['', 'bench', 'test'].includes(folder) && !allowed.includes(folder) && !allowed.includes(`${folder}/*.ts`),
    );
    const ofBuild = Array.from(textOf('build.js').matchAll(/from '\.\/([^']+)'/g), ([, file]) => file!);
    expect(allowed).toEqual(expect.arrayContaining(['build.js', ...ofBuild]));
    expect(ofBuild).toEqual(['assemblyscript.js']);
    expect(missing).toEqual([]);
    expect(
      textOf('.dockerignore')
        .split('\n')
        .filter((line) => !line.startsWith('#'))[0],
    ).toBe('*');
    expect(allowed.filter((name) => ['.git', 'node_modules', 'test', 'dist'].includes(name))).toEqual([]);
  });
});

const run = (command: string, args: readonly string[]): void => {
  const { status, stderr } = spawnSync(command, args, { cwd: packageRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
};

describe('the package that the image holds', () => {
  const root = temporaryFolder('image');
  const installed = path.join(root, 'opt');

  beforeAll(() => {
    run('npm', ['pack', '--ignore-scripts', '--pack-destination', root]);
    fs.mkdirSync(installed);
    const archive = fs.readdirSync(root).find((file) => file.endsWith('.tgz'))!;
    run('tar', ['-xzf', path.join(root, archive), '-C', installed, '--strip-components=1']);
    fs.symlinkSync(path.join(packageRoot, 'node_modules'), path.join(installed, 'node_modules'));
  });

  it('runs on its own, writes to its data directory only, and has the seed', () => {
    const dataDir = path.join(root, 'data');
    const before = fs.readdirSync(installed, { recursive: true }).length;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(installed, 'dist/cli/bucketwatch.js'), 'run', path.join(installed, 'fixtures/demo/logs'), '--json'],
      {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], BUCKETWATCH_DATA_DIR: dataDir, TMPDIR: path.join(root, 'none') },
      },
    );
    expect(stderr).not.toMatch(/^error/m);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ objects: 309 });
    expect(fs.readdirSync(installed, { recursive: true })).toHaveLength(before);
    expect(fs.existsSync(path.join(installed, 'dist/deploy/seed.js'))).toBe(true);
  });

  it('comes with the licence of every package whose code is in it', () => {
    const licenses = fs
      .readFileSync(path.join(installed, 'dist/licenses.txt'), 'utf8')
      .split(`\n${'-'.repeat(80)}\n\n`);
    const names = licenses.map((text) => /^(\S+) \d/.exec(text)?.[1]);
    expect(names).toEqual(['@duckdb/node-api', 'commander', 'ipaddr.js', 'yaml', 'zod']);
    for (const text of licenses) expect(text).toMatch(/permission/i);
  });
});
