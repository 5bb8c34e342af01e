import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../parsers/batch.js';
import { columnIndex, rejectsTable } from '../../parsers/tables.js';
import { openDatabase } from '../../store/duckdb.js';
import { copyToFile } from '../../store/lake-rewrite.js';
import { LakeFileWriter } from '../../store/lake-writer.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder('lake-writer');

/** Writes a file of one reject, and answers the bytes it is said to have. */
function writeReject(file: string): number {
  const writer = new LakeFileWriter(file, rejectsTable);
  const builder = new BatchBuilder(rejectsTable, (batch) => writer.add(batch));
  builder.string(columnIndex(rejectsTable, 'detail'), 'anything');
  builder.endRow(NaN);
  builder.flush();
  return writer.end();
}

describe('a file of the lake', () => {
  it('is as long as is said, in a folder that is made for it', () => {
    const file = path.join(folder, 'dt=2026-11-22', 'new.parquet');
    expect(writeReject(file)).toBe(fs.statSync(file).size);
  });

  it('has its name when it is whole', () => {
    const file = path.join(folder, 'whole.parquet');
    const writer = new LakeFileWriter(file, rejectsTable);
    const builder = new BatchBuilder(rejectsTable, (batch) => writer.add(batch));
    builder.endRow(NaN);
    builder.flush();
    expect(fs.existsSync(file)).toBe(false);
    writer.end();
    expect(fs.readFileSync(file).subarray(-4).toString()).toBe('PAR1');
    expect(fs.existsSync(`${file}.new`)).toBe(false);
  });

  it.runIf(fs.existsSync('/dev/full'))('says that the disk is full', () => {
    const file = path.join(folder, 'full.parquet');
    fs.symlinkSync('/dev/full', `${file}.new`);
    expect(() => writeReject(file)).toThrow(expect.objectContaining({ code: 'disk-full' }));
  });
});

async function copy(query: string): Promise<{ written: unknown; files: string[] }> {
  const copies = fs.mkdtempSync(path.join(folder, 'copies-'));
  const database = await openDatabase(':memory:', { threads: 1, memoryBytes: 256e6, tempDirectory: folder });
  try {
    const file = path.join(copies, 'rows.parquet');
    const written = await copyToFile(database.connection, { file, query }).catch((error: unknown) => String(error));
    return { written, files: fs.readdirSync(copies) };
  } finally {
    database.close();
  }
}

describe('a file of the lake that DuckDB writes', () => {
  it('has its name when it is whole', async () => {
    const { written, files } = await copy('select range as n from range(5)');
    expect(written).toMatchObject({ rows: 5 });
    expect(files).toEqual(['rows.parquet']);
  });

  it('never has it when it cannot be written to its end', async () => {
    const { written, files } = await copy(
      "select if(range = 190000, error('half-way'), range::varchar) as n from range(200000)",
    );
    expect(written).toMatch(/half-way/);
    expect(files).not.toContain('rows.parquet');
  });

  it('is none without rows', async () => {
    expect(await copy('select 1 as n where false')).toEqual({ written: null, files: [] });
  });
});
