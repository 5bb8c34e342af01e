/**
 * The rival as a process of its own: `node rival.js SQL-FILE LOGS OUT [BUFFER-BYTES]` runs one COPY of `bench/rivals` in
 * the DuckDB that we ship, with all cores and DuckDB's own memory limit (80 % of the machine).
 */
import fs from 'node:fs';
import os from 'node:os';
import { DuckDBInstance } from '@duckdb/node-api';

const [sqlFile = '', logs = '', out = '', bufferBytes] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', {
  threads: String(os.availableParallelism()),
  preserve_insertion_order: 'false',
});
const connection = await instance.connect();
await connection.run("set TimeZone = 'UTC'");
const buffer = bufferBytes === undefined ? {} : { buffer_bytes: Number(bufferBytes) };
await connection.run(fs.readFileSync(sqlFile, 'utf8'), { logs, out, ...buffer });
connection.closeSync();
instance.closeSync();
