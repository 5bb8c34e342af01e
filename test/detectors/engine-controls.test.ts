/** Remembered states of protective controls: what counts as weaker, what is forgotten, what was set at a moment. */
import { expect, test } from 'vitest';
import { accessPoint } from '../../detectors/engine/access-point.js';
import { serverAccessLogging } from '../../detectors/engine/access-logging.js';
import { lifecycle } from '../../detectors/engine/lifecycle.js';
import { managementEvents, trailScopeControl } from '../../detectors/engine/trail-settings.js';
import { mfaDelete, versioning } from '../../detectors/engine/versioning.js';
import type { ConfigurationEvent } from '../../detectors/engine/configuration-history.js';
import { ControlStates } from '../../detectors/engine/control-states.js';
import { s3DataEvents } from '../../detectors/engine/data-event-selectors.js';
import { accountPublicAccessBlock, bucketPublicAccessBlock } from '../../detectors/engine/public-access-block.js';

const controls = [bucketPublicAccessBlock, accountPublicAccessBlock, serverAccessLogging, s3DataEvents];
const allOn = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
const allOff = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

let time = 0n;
function event(
  eventName: string,
  parameters: object | null,
  facts: Partial<ConfigurationEvent> = {},
): ConfigurationEvent {
  time += 1_000_000n;
  const rowId = `log#${time}`;
  const usual = {
    rowId,
    timeUs: time,
    eventName,
    accountId: '111122223333',
    region: 'eu-central-1',
    resource: null,
    isRecent: true,
  };
  return { ...usual, parameters: parameters as ConfigurationEvent['parameters'], ...facts };
}

function block(flags: object, facts: Partial<ConfigurationEvent> = {}): ConfigurationEvent {
  return event('PutBucketPublicAccessBlock', { bucketName: 'acme-docs', PublicAccessBlockConfiguration: flags }, facts);
}

const weaker = (events: readonly ConfigurationEvent[]) =>
  new ControlStates(controls, events).changes.map(({ isWeaker }) => isWeaker);

test('a first sighting is neither weaker nor stronger', () => {
  expect(weaker([block(allOff)])).toEqual([null]);
});

test('only a switch that goes off is weaker', () => {
  expect(
    weaker([
      block(allOn),
      block({ ...allOn, IgnorePublicAcls: false }),
      block({ ...allOn, IgnorePublicAcls: false }),
      block(allOn),
    ]),
  ).toEqual([null, true, false, false]);
});

test('a change before the window is remembered and not reported', () => {
  const { changes } = new ControlStates(controls, [block(allOn, { isRecent: false }), block(allOff)]);
  expect(changes.map(({ previous, state, isAllOff }) => ({ previous, state, isAllOff }))).toEqual([
    { previous: allOn, state: allOff, isAllOff: true },
  ]);
});

test('nothing is known after a bucket was deleted: the next of its name is another', () => {
  expect(weaker([block(allOn), event('DeleteBucket', { bucketName: 'acme-docs' }), block(allOff)])).toEqual([
    null,
    null,
  ]);
});

test('nothing is known after a change whose parameters were too large to be logged', () => {
  const omitted = event(
    'PutBucketPublicAccessBlock',
    { omitted: true, reason: 'requestParameters too large' },
    { resource: 'acme-docs' },
  );
  expect(weaker([block(allOn), omitted, block(allOff)])).toEqual([null, null]);
});

test('changes of one moment follow the order of their rows', () => {
  const at = { timeUs: 5n };
  const states = new ControlStates(controls, [
    block(allOn, { ...at, rowId: 'a#1' }),
    block(allOff, { ...at, rowId: 'a#2' }),
  ]);
  expect(states.before(bucketPublicAccessBlock, 'acme-docs', { timeUs: 5n, rowId: 'a#2' })).toEqual(allOn);
  expect(states.before(bucketPublicAccessBlock, 'acme-docs', { timeUs: 5n, rowId: 'a#1' })).toBeNull();
  expect(states.before(bucketPublicAccessBlock, 'acme-docs', { timeUs: 6n, rowId: '' })).toEqual(allOff);
});

test('the names of the API mean the bucket that they name, else the account', () => {
  const { changes } = new ControlStates(controls, [
    event('DeletePublicAccessBlock', { bucketName: 'acme-docs' }),
    event('DeletePublicAccessBlock', { Host: '444455556666.s3-control.eu-central-1.amazonaws.com' }),
  ]);
  expect(changes.map(({ control, resource }) => [control, resource])).toEqual([
    ['bucket-public-access-block', 'acme-docs'],
    ['account-public-access-block', '444455556666'],
  ]);
});

test('a bucket name may be a list of one', () => {
  const { changes } = new ControlStates(controls, [
    event('DeleteBucketPublicAccessBlock', { bucketName: ['acme-docs'] }),
  ]);
  expect(changes.map(({ resource }) => resource)).toEqual(['acme-docs']);
});

test('logging that is switched off shows where the logs went', () => {
  const on = { BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'acme-logs', TargetPrefix: 'docs/' } } };
  const { changes } = new ControlStates(controls, [
    event('PutBucketLogging', { bucketName: 'acme-docs', logging: '', ...on }),
    event('PutBucketLogging', { bucketName: 'acme-docs', logging: '', BucketLoggingStatus: '' }),
  ]);
  expect(changes[1]).toMatchObject({
    isWeaker: true,
    isAllOff: true,
    previous: { enabled: true, target_bucket: 'acme-logs', target_prefix: 'docs/' },
  });
});

function selectors(trailName: string, values: string[]): object {
  return {
    trailName,
    eventSelectors: [{ readWriteType: 'All', dataResources: [{ type: 'AWS::S3::Object', values }] }],
  };
}

test('a trail is the same by name and by ARN, and another in another account', () => {
  const { changes } = new ControlStates(controls, [
    event('PutEventSelectors', selectors('arn:aws:cloudtrail:eu-central-1:111122223333:trail/main', ['arn:aws:s3'])),
    event('PutEventSelectors', selectors('main', []), { accountId: '444455556666' }),
    event('PutEventSelectors', selectors('main', [])),
  ]);
  expect(changes.map(({ resource, isWeaker }) => [resource, isWeaker])).toEqual([
    ['111122223333/main', null],
    ['444455556666/main', null],
    ['111122223333/main', true],
  ]);
});

/** Whether each change of one control is weaker, oldest first. */
function weakerOf(control: (typeof more)[number], events: readonly ConfigurationEvent[]): (boolean | null)[] {
  const { changes } = new ControlStates(more, events);
  return changes.filter((change) => change.control === control.name).map(({ isWeaker }) => isWeaker);
}

const more = [versioning, mfaDelete, lifecycle, trailScopeControl, managementEvents];

function versions(configuration: object): ConfigurationEvent {
  return event('PutBucketVersioning', { bucketName: 'acme-docs', VersioningConfiguration: configuration });
}

test('a call that does not name MFA delete leaves it as it is', () => {
  const events = [
    versions({ Status: 'Enabled', MfaDelete: 'Enabled' }),
    versions({ Status: 'Suspended' }),
    versions({ Status: 'Suspended', MfaDelete: 'Disabled' }),
  ];
  expect(weakerOf(mfaDelete, events)).toEqual([null, false, true]);
  expect(weakerOf(versioning, events)).toEqual([null, true, false]);
});

const trailEvent = (name: string, parameters: object) => event(name, { name: 'main', ...parameters });

test('UpdateTrail changes what it names, from the defaults of CreateTrail on', () => {
  const { changes } = new ControlStates(more, [
    trailEvent('CreateTrail', { isMultiRegionTrail: true }),
    trailEvent('UpdateTrail', { enableLogFileValidation: true }),
    trailEvent('UpdateTrail', { includeGlobalServiceEvents: false }),
  ]);
  const scopes = changes.filter(({ control }) => control === 'trail-scope');
  expect(scopes.map(({ isWeaker }) => isWeaker)).toEqual([null, false, true]);
  expect(scopes[2]!.state).toEqual({
    all_regions: true,
    global_services: false,
    organization: false,
    validates_files: true,
    kms_encrypted: false,
  });
});

test('the selectors of the first hour of a trail take nothing away, later ones do', () => {
  const hour = 3_600_000_000n;
  const dataOnly = { trailName: 'main', eventSelectors: [{ includeManagementEvents: false }] };
  const created = (at: bigint) => event('CreateTrail', { name: 'main' }, { timeUs: at });
  expect(weakerOf(managementEvents, [created(0n), event('PutEventSelectors', dataOnly, { timeUs: hour })])).toEqual([
    null,
    false,
  ]);
  expect(
    weakerOf(managementEvents, [created(0n), event('PutEventSelectors', dataOnly, { timeUs: hour + 1000n })]),
  ).toEqual([null, true]);
});

const lifecycleOf = (...list: readonly object[]) =>
  event('PutBucketLifecycle', { bucketName: 'acme-docs', LifecycleConfiguration: { Rule: list } });

const expiryRule = (prefix: string, days: number) => ({
  Status: 'Enabled',
  Prefix: prefix,
  Expiration: { Days: days },
});

test('a lifecycle is weaker when something goes sooner, or goes that was kept', () => {
  const events = [
    lifecycleOf(expiryRule('a/', 9)),
    lifecycleOf(expiryRule('a/b/', 9)),
    lifecycleOf(expiryRule('a/', 9)),
    lifecycleOf(expiryRule('a/', 8)),
    lifecycleOf(),
  ];
  expect(weakerOf(lifecycle, events)).toEqual([null, false, true, true, false]);
});

const accessPointOf = (request: object) =>
  event('CreateAccessPoint', { name: 'data', CreateAccessPointRequest: { Bucket: 'acme-docs', ...request } });

test('an access point restricts public buckets unless its creation says otherwise', () => {
  const { changes } = new ControlStates(
    [accessPoint],
    [accessPointOf({}), accessPointOf({ PublicAccessBlockConfiguration: allOff })],
  );
  expect(changes.map(({ resource, state }) => [resource, state])).toEqual([
    ['111122223333/data', { bucket: 'acme-docs', is_vpc_only: false, restricts_public_buckets: true }],
    ['111122223333/data', { bucket: 'acme-docs', is_vpc_only: false, restricts_public_buckets: false }],
  ]);
});
