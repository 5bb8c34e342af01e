import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type ParsedBatch } from '../../parsers/batch.js';
import { columnIndex, rejectsTable } from '../../parsers/tables.js';
import { writeLakeFile } from '../../store/lake-writer.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder('lake-writer');

function oneReject(): ParsedBatch[] {
  const batches: ParsedBatch[] = [];
  const builder = new BatchBuilder(rejectsTable, (batch) => batches.push(batch));
  builder.string(columnIndex(rejectsTable, 'detail'), 'anything');
  builder.endRow(NaN);
  builder.flush();
  return batches;
}

describe('a file of the lake', () => {
  it('is as long as is said, in a folder that is made for it', () => {
    const file = path.join(folder, 'dt=2026-11-22', 'new.parquet');
    expect(writeLakeFile(file, oneReject())).toBe(fs.statSync(file).size);
  });

  it.runIf(fs.existsSync('/dev/full'))('says that the disk is full', () => {
    const file = path.join(folder, 'full.parquet');
    fs.symlinkSync('/dev/full', file);
    expect(() => writeLakeFile(file, oneReject())).toThrow(expect.objectContaining({ code: 'disk-full' }));
  });
});
