/** The table `networks`: the addresses of the window, the network that stands for each, and whose they are. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BOOLEAN, VARCHAR } from '../../store/duckdb-package.js';
import type { FileConfig } from '../../config/schema.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows } from '../../store/duckdb.js';
import { classifyAddress } from '../network/classify-address.js';
import { createNetworkSet } from '../network/network-set.js';

/** The network is the lake's own, so it is spelled as in `sightings`. */
const addressesSql = `
select source_ip, source_network as network
from (
  select source_ip, source_network from s3_events
  union
  select source_ip, source_network from window_names
)
where source_ip is not null
order by source_ip
`;

interface SeenAddress {
  readonly source_ip: string;
  readonly network: string | null;
}

/**
 * Creates `networks(source_ip, network, is_trusted, is_global)`, a row an address of the window. What is no address (service
 * names, `AWS Internal`) has a null network and is neither trusted nor global.
 */
export async function createAddressFacts(connection: DuckDBConnection, config: FileConfig): Promise<void> {
  const seen = await queryRows<SeenAddress>(connection, addressesSql);
  const trusted = createNetworkSet(config.networks.trusted);
  const columns: AppendColumn<SeenAddress>[] = [
    { type: VARCHAR, value: (address) => address.source_ip },
    { type: VARCHAR, value: (address) => address.network },
    { type: BOOLEAN, value: (address) => trusted.has(address.source_ip) },
    { type: BOOLEAN, value: (address) => classifyAddress(address.source_ip)?.scope === 'global' },
  ];
  await connection.run(
    'create or replace temp table networks (source_ip varchar, network varchar, is_trusted boolean, is_global boolean)',
  );
  await appendTempRows(connection, 'networks', columns, seen);
}
