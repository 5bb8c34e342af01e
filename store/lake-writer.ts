/** Writes staged batches to one Parquet file: batches → DuckDB chunks → COPY. */
import fs from 'node:fs';
import path from 'node:path';
import type { DataChunk } from '@duckdb/node-bindings';
import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { DuckDBTableFunction } from '@duckdb/node-api';
import { releaseBatch, type ParsedBatch } from '../parsers/batch.js';
import { tables, type Table } from '../parsers/tables.js';
import { duckdbTypes, handOver } from './hand-over.js';

/**
 * zstd level 1: two thirds of the CPU of level 3 for 3 % more bytes, measured on access logs. Version 2, where numbers are
 * differences: a tenth less CPU to write and to read, and 1 % fewer bytes (docs/adr/0013-small-files-are-merged.md).
 */
export const parquetOptions = 'format parquet, parquet_version v2, compression zstd, compression_level 1';

/** One connection's way of turning batches into Parquet. Not reentrant: one `write` at a time. */
export class LakeWriter {
  readonly #connection: DuckDBConnection;
  #pending: ParsedBatch[] = [];
  #next = 0;
  #error: Error | null = null;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
    for (const table of Object.values(tables)) this.#register(table);
  }

  /** Writes the batches, all of one table, and releases their memory; the file appears under its name when complete. */
  async write(file: string, batches: readonly ParsedBatch[]): Promise<void> {
    const table = batches[0]!.table;
    await fs.promises.mkdir(path.dirname(file), { recursive: true });
    this.#pending = [...batches];
    this.#next = 0;
    this.#error = null;
    await this.#connection.run(`copy (from staged_${table.name}()) to $1 (${parquetOptions})`, [file]);
    this.#throwError();
    this.#pending = [];
  }

  #throwError(): void {
    if (this.#error !== null) throw this.#error;
  }

  #register(table: Table): void {
    const scan = DuckDBTableFunction.create({
      name: `staged_${table.name}`,
      parameterTypes: [],
      initFunction: () => undefined,
      bindFunction: (bind) => {
        for (const { name, kind } of table.columns) bind.addResultColumn(name, duckdbTypes[kind]);
      },
      mainFunction: (_info, output) => this.#handOverNext(output.chunk),
    });
    this.#connection.registerTableFunction(scan);
  }

  /** Errors do not cross DuckDB from here, so the first one ends the scan and is thrown by `write`. */
  #handOverNext(chunk: DataChunk): void {
    const staged = this.#pending[this.#next++];
    if (staged === undefined || this.#error !== null) {
      duckdb.data_chunk_set_size(chunk, 0);
      return;
    }
    try {
      handOver(staged, chunk);
      releaseBatch(staged);
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error));
      duckdb.data_chunk_set_size(chunk, 0);
    }
  }
}
