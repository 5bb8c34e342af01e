/** The column `has_key` says of every row whether it has a key, decoded in `key` and as logged in `key_logged` where that differs. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createAccessLogParser } from '../../parsers/access-log.js';
import type { ParsedBatch } from '../../parsers/batch.js';
import { fillHasKey } from '../../parsers/has-key-column.js';
import { startObject } from '../../parsers/parser.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { RejectWriter } from '../../parsers/reject-writer.js';
import { kept } from './kept-batch.js';

const block = Buffer.alloc(4 << 20);

function rowsOf(keys: readonly string[]): Record<'has_key' | 'key' | 'key_logged', unknown>[] {
  const batches: ParsedBatch[] = [];
  const rejects = new RejectWriter(() => undefined);
  const parser = createAccessLogParser({ batches: (batch) => batches.push(kept(batch)), rejects });
  const lines = keys.map(
    (key) =>
      `- acme [19/Oct/2026:10:00:00 +0000] 192.0.2.7 - 9MSYTKDAAVGH4QRA REST.GET.ACL ${key} "GET /?acl HTTP/1.1" 200 - 1 1 1 1 "-" "x" - abc= - - - acme.s3.amazonaws.com - - - -`,
  );
  const length = block.write(`${lines.join('\n')}\n`);
  parser.parse(block, 0, length, startObject('test'), true);
  parser.flush();
  return batches.flatMap((batch) =>
    toRecordBatch(fillHasKey(batch))
      .toArray()
      .map(({ has_key, key, key_logged }) => ({ has_key, key, key_logged })),
  );
}

const expected: Readonly<Record<string, object>> = {
  '-': { has_key: false, key: null, key_logged: null },
  k: { has_key: true, key: 'k', key_logged: null },
  'a%2520key': { has_key: true, key: 'a key', key_logged: 'a%2520key' },
  'an%2520encoded%2520key': { has_key: true, key: 'an encoded key', key_logged: 'an%2520encoded%2520key' },
  'half%2': { has_key: true, key: 'half%2', key_logged: null },
};

it('is true of rows with a key and false of the others, over batches of any length', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(expected)), { minLength: 1, maxLength: 5000 }), (keys) => {
      expect(rowsOf(keys)).toEqual(keys.map((key) => expected[key]));
    }),
    { numRuns: 30 },
  );
});
