/**
 * Everything that detectors may read beside the two logs, made once a window: facts about accounts, buckets and
 * addresses, judged policies, and changes of protective controls.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import { accessPoint } from './access-point.js';
import { createAccountFacts } from './account-facts.js';
import { serverAccessLogging } from './access-logging.js';
import { createAddressFacts } from './address-facts.js';
import { bucketFactEvents, createBucketFacts } from './bucket-facts.js';
import { bucketEncryption, bucketObjectLock, bucketPolicy, bucketReplication } from './bucket-protection.js';
import { readConfigurationHistory } from './configuration-history.js';
import { createControlChanges } from './control-changes.js';
import { ControlStates } from './control-states.js';
import type { AnyControl } from './control.js';
import { s3DataEvents } from './data-event-selectors.js';
import { createExpiryRules } from './expiry-rules.js';
import { lifecycle } from './lifecycle.js';
import { createLocalHours } from './local-hours.js';
import { createLogReaders } from './log-readers.js';
import { createObjectAclGrants } from './object-acl-grants.js';
import { createPolicyGrants, grantingEvents } from './policy-grants.js';
import { accountPublicAccessBlock, bucketPublicAccessBlock } from './public-access-block.js';
import { managementEvents, trailDestinationControl, trailScopeControl } from './trail-settings.js';
import { mfaDelete, versioning } from './versioning.js';
import { createWindowViews, restoreLakeViews, type DetectionWindow } from './window-views.js';

const controls: readonly AnyControl[] = [
  bucketPublicAccessBlock,
  accountPublicAccessBlock,
  serverAccessLogging,
  s3DataEvents,
  managementEvents,
  trailScopeControl,
  trailDestinationControl,
  versioning,
  mfaDelete,
  bucketEncryption,
  lifecycle,
  bucketObjectLock,
  bucketReplication,
  bucketPolicy,
  accessPoint,
];
const controlEvents = controls.flatMap(({ setBy, forgottenBy }) => [...setBy, ...forgottenBy]);
const rememberedEvents = [...new Set([...controlEvents, ...grantingEvents])];
const judgedEvents = [...new Set([...rememberedEvents, ...bucketFactEvents])];

const contextTables = [
  'accounts',
  'settings',
  'buckets',
  'log_readers',
  'sensitive_prefixes',
  'networks',
  'threat_addresses',
  'past_networks',
  'local_hours',
  'control_changes',
  'policy_grants',
  'object_acl_grants',
  'expiry_rules',
];

/**
 * Creates the tables and views that detectors read, all temporary. The connection must have the views of the store and the
 * catalog's table `configuration` in reach. Ends with `dropContext`; may be called again for another window before that.
 */
export async function prepareContext(
  connection: DuckDBConnection,
  { config, ...window }: DetectionWindow & { readonly config: FileConfig },
): Promise<void> {
  await createWindowViews(connection, window, judgedEvents);
  const accounts = await createAccountFacts(connection, config);
  await createBucketFacts(connection, config);
  await createLogReaders(connection, config);
  await createAddressFacts(connection, config);
  await createLocalHours(connection, window, config.businessHours);
  const history = await readConfigurationHistory(connection, rememberedEvents);
  const states = new ControlStates(controls, history);
  await createControlChanges(connection, states.changes);
  await createExpiryRules(connection, states.changes);
  await createPolicyGrants(connection, accounts, { history, states });
  await createObjectAclGrants(connection, states);
}

/** Takes everything away again and gives the views of the lake their names back. */
export async function dropContext(connection: DuckDBConnection): Promise<void> {
  for (const table of contextTables) await connection.run(`drop table if exists temp.${table}`);
  await restoreLakeViews(connection);
}
