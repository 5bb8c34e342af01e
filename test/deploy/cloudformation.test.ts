/** The CloudFormation template: against AWS's own schema of its resources, and against what the job needs. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, it } from 'vitest';
import {
  assumeRole,
  decryptLogs,
  findLogs,
  readLogs,
  sendFindings,
  sendMetrics,
  useTopicKey,
} from '../../aws/permissions.js';
import { severities } from '../../config/severity.js';
import { parseConfig } from '../../config/load.js';
import { packageRoot } from '../../store/sql-files.js';
import { Evaluation, readTemplate, textOf, type Json } from './template.js';

const file = 'deploy/cloudformation/bucketwatch.yaml';
const template = readTemplate(file);
const resources = Object.entries(template.Resources);

const given = {
  LogBucket: 'acme-logs',
  LogPrefix: 'AWSLogs/',
  LogKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  ReaderRoleArn: '',
  OwnAccounts: '"444455556666", "777788889999"',
  AlarmEmail: 'security@example.com',
};
const asGiven = new Evaluation(template, given);

type Record_ = Readonly<Record<string, Json>>;
const propertiesOf = (name: string, evaluation = asGiven): Record_ =>
  evaluation.of(template.Resources[name]!.Properties ?? {}) as Record_;
const ofType = (type: string): [string, Record_][] =>
  resources.filter(([, { Type }]) => Type === type).map(([name]) => [name, propertiesOf(name)]);

function isFunction(value: Json): boolean {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0]!.startsWith('Fn::'));
}

function statementsIn(value: Json): Record_[] {
  if (Array.isArray(value)) return (value as Json[]).flatMap(statementsIn);
  if (value === null || typeof value !== 'object') return [];
  const members = value as Record_;
  return 'Effect' in members ? [members] : Object.values(members).flatMap(statementsIn);
}

const statementsOf = (evaluation: Evaluation): Json =>
  (propertiesOf('TaskPolicy', evaluation)['PolicyDocument'] as Record_)['Statement']!;

/** The config that the task of a stack with these parameters carries. */
const configOf = (parameters: Readonly<Record<string, string>>): ReturnType<typeof parseConfig> => {
  const [task] = propertiesOf('Task', new Evaluation(template, parameters))['ContainerDefinitions'] as unknown as {
    Environment: { Name: string; Value: string }[];
  }[];
  const text = task!.Environment.find(({ Name }) => Name === 'BUCKETWATCH_CONFIG')!.Value;
  // What the stack makes only then has a name that only AWS knows.
  return parseConfig(text.replace('<FindingsTopic>', 'arn:aws:sns:eu-central-1:111122223333:findings'), 'config');
};

describe('every resource', () => {
  const database = loadAwsServiceSpecSync();

  it.each(resources.map(([name, { Type }]) => [name, Type] as const))(
    '%s is an %s with properties that AWS knows',
    (name, type) => {
      const { properties } = database.lookup('resource', 'cloudFormationType', 'equals', type).only();
      expect(problems(template.Resources[name]!.Properties ?? {}, { properties, at: name })).toEqual([]);
    },
  );

  it('would be refused with a property that AWS does not know', () => {
    const { properties } = database.lookup('resource', 'cloudFormationType', 'equals', 'AWS::SQS::Queue').only();
    expect(problems({ SqsManagedSse: true }, { properties, at: 'Queue' })).toEqual(['Queue.SqsManagedSse: unknown']);
    const { properties: ofSchedule } = database
      .lookup('resource', 'cloudFormationType', 'equals', 'AWS::Scheduler::Schedule')
      .only();
    expect(problems({ FlexibleTimeWindow: {} }, { properties: ofSchedule, at: 'S' })).toEqual([
      'S.ScheduleExpression: missing',
      'S.Target: missing',
      'S.FlexibleTimeWindow.Mode: missing',
    ]);
  });

  type Properties = ReturnType<typeof database.get<'typeDefinition'>>['properties'];
  type PropertyType = Properties[string]['type'];

  function problems(value: Json, { properties, at }: { properties: Properties; at: string }): string[] {
    if (isFunction(value)) return [];
    const members = value as Record_;
    const missing = Object.entries(properties).filter(([key, { required }]) => required === true && !(key in members));
    return [
      ...missing.map(([key]) => `${at}.${key}: missing`),
      ...Object.entries(members).flatMap(([key, member]) =>
        key in properties
          ? valueProblems(member, { type: properties[key]!.type, at: `${at}.${key}` })
          : [`${at}.${key}: unknown`],
      ),
    ];
  }

  function valueProblems(value: Json, { type, at }: { type: PropertyType; at: string }): string[] {
    if (isFunction(value)) return [];
    if (type.type === 'array') {
      if (!Array.isArray(value)) return [`${at}: not a list`];
      return (value as Json[]).flatMap((item, index) =>
        valueProblems(item, { type: type.element, at: `${at}[${index}]` }),
      );
    }
    if (type.type === 'ref') {
      const { properties } = database.get('typeDefinition', type.reference.$ref);
      return problems(value, { properties, at });
    }
    if (type.type === 'boolean' && typeof value !== 'boolean') return [`${at}: not true or false`];
    if (type.type === 'string' && typeof value === 'object') return [`${at}: not a text`];
    return [];
  }
});

describe('the template', () => {
  it('refers only to what it has, with and without its optional parts', () => {
    for (const values of [
      given,
      { LogBucket: 'acme-logs' },
      { ...given, ReaderRoleArn: 'arn:aws:iam::444455556666:role/reader' },
    ]) {
      const evaluation = new Evaluation(template, values);
      for (const [name] of resources) expect(() => propertiesOf(name, evaluation)).not.toThrow();
      for (const output of Object.values(template.Outputs)) expect(() => evaluation.of(output)).not.toThrow();
    }
  });

  it('uses each of its parameters', () => {
    const text = fs.readFileSync(path.join(packageRoot, file), 'utf8').replace(/^Metadata:[\s\S]*?^Parameters:/m, '');
    const unused = Object.keys(template.Parameters).filter(
      (name) => !new RegExp(`!Ref ${name}\\b|\\$\\{${name}\\}`).test(text),
    );
    expect(unused).toEqual([]);
  });

  const linter = spawnSync('cfn-lint', ['--version']);
  it.skipIf(linter.status !== 0)('pleases cfn-lint, where it is installed', () => {
    const { status, stdout } = spawnSync('cfn-lint', ['-r', 'eu-central-1', '-t', path.join(packageRoot, file)], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

describe('the role of the task', () => {
  const place = { partition: 'aws', bucket: 'acme-logs', prefix: 'AWSLogs/' };
  const sending = [sendFindings('<FindingsTopic>'), useTopicKey('<TopicKey.Arn>'), sendMetrics('bucketwatch')];

  it('may do exactly what doctor asks for, to exactly these resources', () => {
    expect(statementsOf(asGiven)).toEqual([
      findLogs(place),
      readLogs(place),
      decryptLogs(given.LogKeyArn, 's3.eu-central-1.amazonaws.com'),
      ...sending,
    ]);
  });

  it('has no right to a key that there is not', () => {
    const evaluation = new Evaluation(template, { LogBucket: 'acme-logs' });
    expect(statementsOf(evaluation)).toEqual([findLogs(place), readLogs(place), ...sending]);
  });

  it('assumes the role of another account instead of reading itself', () => {
    const role = 'arn:aws:iam::444455556666:role/reader';
    const evaluation = new Evaluation(template, { ...given, ReaderRoleArn: role });
    expect(statementsOf(evaluation)).toEqual([assumeRole(role), ...sending]);
  });

  it('is the only one that the topic takes findings from', () => {
    const [allow, deny] = (propertiesOf('FindingsTopicPolicy')['PolicyDocument'] as { Statement: Record_[] }).Statement;
    expect(allow).toMatchObject({ Effect: 'Allow', Principal: { AWS: '<TaskRole.Arn>' }, Action: 'sns:Publish' });
    expect(deny).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  });
});

describe('every policy of the template', () => {
  const statements = resources.flatMap(([name]) =>
    statementsIn(propertiesOf(name)).map((statement) => ({ name, statement })),
  );

  it('has actions that are well formed, and wildcards only where the resource is a key or a denial', () => {
    const actions = statements.flatMap(({ name, statement }) =>
      [statement['Action']!].flat().map((action) => ({ name, effect: statement['Effect'], action: textOf(action) })),
    );
    expect(actions.length).toBeGreaterThan(15);
    for (const { action } of actions) expect(action).toMatch(/^[a-z0-9-]+:([A-Z][A-Za-z]+|\*)$/);
    const broad = actions.filter(({ action, effect }) => effect === 'Allow' && action.endsWith('*'));
    // The account itself must keep the administration of its key.
    expect(broad.map(({ name }) => name)).toEqual(['TopicKey']);
  });

  it('lets no service in without naming this account', () => {
    const open = statements.filter(
      ({ statement }) =>
        statement['Effect'] === 'Allow' &&
        JSON.stringify(statement['Principal'] ?? '').includes('Service') &&
        !JSON.stringify(statement['Condition'] ?? '').includes('aws:SourceAccount'),
    );
    // EC2 takes a role through the profile of its host, which needs iam:PassRole, and sends no source account.
    expect(open.map(({ name }) => name)).toEqual(['HostRole']);
  });
});

describe('the task', () => {
  const [container] = propertiesOf('Task')['ContainerDefinitions'] as unknown as Record_[];
  const environment = Object.fromEntries(
    (container!['Environment'] as unknown as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]),
  );

  it('has a read-only root, no rights and a user that is nobody', () => {
    expect(container).toMatchObject({ ReadonlyRootFilesystem: true, Privileged: false, User: '10001:10001' });
    expect(container!['LinuxParameters']).toMatchObject({ Capabilities: { Drop: ['ALL'] } });
    expect(container!['LogConfiguration']).toMatchObject({ LogDriver: 'awslogs' });
  });

  it('carries a config that bucketwatch takes', () => {
    const config = configOf(given);
    expect(config.sources).toMatchObject([{ type: 's3', bucket: 'acme-logs', prefix: 'AWSLogs/', roleArn: null }]);
    expect(config.accounts.own).toEqual(['111122223333', '444455556666', '777788889999']);
    expect(config.sinks).toMatchObject([{ type: 'sns', minSeverity: 'medium' }, { type: 'cloudwatch' }]);
    const role = 'arn:aws:iam::444455556666:role/reader';
    expect(configOf({ LogBucket: 'acme-logs', ReaderRoleArn: role }).sources).toMatchObject([{ roleArn: role }]);
    expect(environment['AWS_REGION']).toBe('eu-central-1');
  });

  it('keeps its data on the volume that the host mounts, and leaves memory to a second run', () => {
    const { Volumes } = propertiesOf('Task') as unknown as { Volumes: { Host: { SourcePath: string } }[] };
    const userData = textOf((propertiesOf('Host')['LaunchTemplateData'] as Record_)['UserData']);
    expect(userData).toContain(`install -d -o 10001 -g 10001 -m 0750 ${Volumes[0]!.Host.SourcePath}`);
    expect(userData.indexOf('mount /data')).toBeLessThan(userData.indexOf('ECS_CLUSTER='));
    // Two runs at once end with 75 only if the second finds room on a host of 2 GiB, of which ECS offers some 1,900 MiB.
    expect(2 * Number(container!['MemoryReservation'])).toBeLessThan(1900);
  });

  it('has a shell script for the host that a shell can read', () => {
    const userData = textOf((propertiesOf('Host')['LaunchTemplateData'] as Record_)['UserData']);
    expect(
      spawnSync('bash', ['-n'], { input: userData.replaceAll(/<([\w.]+)>/g, '$1'), encoding: 'utf8' }).stderr,
    ).toBe('');
  });
});

describe('the alarms', () => {
  const alarms = Object.fromEntries(ofType('AWS::CloudWatch::Alarm'));
  /** What every run publishes, by the names of the metrics page (docs/deployment.md). */
  const plain = ['RunSuccess', 'RunDurationSeconds', 'ObjectsProcessed', 'ObjectsFailed', 'RowsRejected'];
  const published: { name: string; dimensions: Record<string, string> }[] = [
    ...plain,
    'IngestLagSeconds',
    'AlertsUndelivered',
    'DeadLetters',
  ].map((name) => ({
    name,
    dimensions: {},
  }));
  for (const severity of severities) published.push({ name: 'Findings', dimensions: { Severity: severity } });

  it('stand on metrics that the job publishes in every run', () => {
    const ours = Object.values(alarms).filter(({ Namespace }) => Namespace === 'bucketwatch');
    expect(ours.length).toBeGreaterThanOrEqual(5);
    for (const alarm of ours) {
      const pairs = (alarm['Dimensions'] ?? []) as unknown as { Name: string; Value: string }[];
      const dimensions = Object.fromEntries(pairs.map(({ Name, Value }) => [Name, Value]));
      expect(published).toContainEqual({ name: alarm['MetricName'], dimensions });
    }
  });

  it('take silence for a failure in the heartbeat and nowhere else', () => {
    const breaching = Object.entries(alarms).filter(([, { TreatMissingData }]) => TreatMissingData === 'breaching');
    expect(breaching.map(([name]) => name)).toEqual(['HeartbeatAlarm']);
    const silent = Object.values(alarms).filter(({ TreatMissingData }) => TreatMissingData === undefined);
    expect(silent).toEqual([]);
  });

  it('all tell somebody, and all are in the composite', () => {
    const rule = textOf(propertiesOf('AnyAlarm')['AlarmRule']);
    for (const [name, { AlarmActions }] of Object.entries(alarms)) {
      expect(AlarmActions).toEqual(['<AlarmsTopic>']);
      expect(rule).toContain(`ALARM("<${name}>")`);
    }
  });
});

describe('data', () => {
  it('is encrypted where it lies', () => {
    expect(propertiesOf('Data')['Encrypted']).toBe(true);
    expect(propertiesOf('FailedStarts')['SqsManagedSseEnabled']).toBe(true);
    for (const [, topic] of ofType('AWS::SNS::Topic')) expect(topic['KmsMasterKeyId']).toBe('<TopicKey.Arn>');
  });

  it('outlives the stack as a snapshot', () => {
    expect(template.Resources['Data']).toMatchObject({ DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' });
  });
});
