/** The first rows of a result. */
import type { Row, RowStream } from '../output/rows.js';

/** At most `limit` rows of a result, and whether there were more, once they are read. */
export function firstRows({ columns, batches }: RowStream, limit: number): { rows: RowStream; isCut(): boolean } {
  let isCut = false;
  async function* bounded(): AsyncGenerator<readonly Row[]> {
    let left = limit;
    for await (const batch of batches) {
      if (batch.length > left) {
        isCut = true;
        yield batch.slice(0, left);
        return;
      }
      left -= batch.length;
      yield batch;
    }
  }
  return { rows: { columns, batches: bounded() }, isCut: () => isCut };
}
