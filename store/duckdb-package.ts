/**
 * DuckDB's packages, loaded as the CommonJS modules that they are. Under `import` Node first reads the text of all their
 * files for the names that they export, which takes 0.2 s of every process and thread.
 */
import { createRequire } from 'node:module';
import type * as Api from '@duckdb/node-api';
import type * as Bindings from '@duckdb/node-bindings';

const require = createRequire(import.meta.url);

/** The C API. */
export const duckdb = require('@duckdb/node-bindings') as typeof Bindings;

export const {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBTableFunction,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  INTEGER,
  LIST,
  SMALLINT,
  StatementType,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
  listValue,
  version,
} = require('@duckdb/node-api') as typeof Api;

export type DuckDBInstance = Api.DuckDBInstance;
export type DuckDBTimestampValue = Api.DuckDBTimestampValue;
