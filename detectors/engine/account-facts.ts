/** The tables `accounts` and `settings`: whose accounts are whose, and what the config says that detectors ask for. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BOOLEAN, INTEGER, VARCHAR } from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows } from '../../store/duckdb.js';

/** Accounts whose trails deliver here: trails of other accounts are not delivered to someone who does not own them. */
const learnedSql = `
select distinct recipient_account_id as account_id
from window_names
where regexp_matches(recipient_account_id, '^[0-9]{12}$')
union
select distinct account_id
from configuration
where regexp_matches(account_id, '^[0-9]{12}$') and event_time < getvariable('window_to')
`;

/** Accounts by what they are to the user: 12 digits each, an account in one list only. */
export interface KnownAccounts {
  readonly own: readonly string[];
  readonly trusted: readonly string[];
}

type Account = readonly [accountId: string, relation: 'own' | 'trusted'];

/**
 * Creates `accounts(account_id, relation)` and `settings`. Own accounts are those of the config, or, when it lists none,
 * those seen as recipients of CloudTrail. An account that is both own and trusted is own.
 */
export async function createAccountFacts(connection: DuckDBConnection, config: FileConfig): Promise<KnownAccounts> {
  const own = config.accounts.own.length > 0 ? config.accounts.own : await learnedAccounts(connection);
  const trusted = config.accounts.trusted.filter((account) => !own.includes(account));
  const rows: Account[] = [
    ...own.map((account) => [account, 'own'] as const),
    ...trusted.map((account) => [account, 'trusted'] as const),
  ];
  await connection.run('create or replace temp table accounts (account_id varchar, relation varchar)');
  const columns: AppendColumn<Account>[] = [
    { type: VARCHAR, value: ([account]) => account },
    { type: VARCHAR, value: ([, relation]) => relation },
  ];
  await appendTempRows(connection, 'accounts', columns, rows);
  await createSettings(connection, config, own.length > 0);
  return { own, trusted };
}

async function learnedAccounts(connection: DuckDBConnection): Promise<string[]> {
  const rows = await queryRows<{ account_id: string }>(connection, learnedSql);
  return rows.map((row) => row.account_id).sort();
}

/** One row. `has_own_accounts` is true when any own account is known, by config or learned. */
async function createSettings(connection: DuckDBConnection, config: FileConfig, hasOwn: boolean): Promise<void> {
  await connection.run(`
    create or replace temp table settings (
      learning_days integer, learning_min_events integer, has_own_accounts boolean, has_trusted_accounts boolean,
      has_trusted_networks boolean
    )`);
  const columns: AppendColumn<FileConfig>[] = [
    { type: INTEGER, value: ({ learning }) => learning.days },
    { type: INTEGER, value: ({ learning }) => learning.minEvents },
    { type: BOOLEAN, value: () => hasOwn },
    { type: BOOLEAN, value: ({ accounts }) => accounts.trusted.length > 0 },
    { type: BOOLEAN, value: ({ networks }) => networks.trusted.length > 0 },
  ];
  await appendTempRows(connection, 'settings', columns, [config]);
}
