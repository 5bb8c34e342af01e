import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../parsers/batch.js';
import { columnIndex, rejectsTable } from '../../parsers/tables.js';
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
