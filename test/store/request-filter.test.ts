/** The fingerprints that tell rows which cannot repeat another one from suspects. */
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RequestFilter } from '../../store/request-filter.js';

/** Asks for an id that stands between other bytes. */
function seen(filter: RequestFilter, id: string): boolean {
  const bytes = Buffer.from(`before${id}behind`);
  return filter.seen(bytes, 6, bytes.length - 12);
}

describe('the filter of request ids', () => {
  it('never calls an id new that any thread has added', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 100 }), (ids) => {
        const one = new RequestFilter(1 << 8);
        const other = new RequestFilter(one.buffer);
        for (const id of ids) seen(one, id);
        for (const id of ids) expect(seen(other, id)).toBe(true);
      }),
    );
  });

  it.each([16, 36])('calls nearly every other id of %i bytes new', (length) => {
    const filter = new RequestFilter(1 << 16);
    let suspects = 0;
    for (let n = 0; n < 20_000; n++) {
      const id = createHash('sha256').update(String(n)).digest('hex').slice(0, length);
      if (seen(filter, id)) suspects++;
    }
    expect(suspects).toBeLessThan(3);
  });

  it('forgets everything when it is cleared', () => {
    const filter = new RequestFilter(1 << 8);
    expect(seen(filter, 'id')).toBe(false);
    filter.clear();
    expect(seen(filter, 'id')).toBe(false);
  });

  it('calls every id a suspect when it is full', () => {
    const filter = new RequestFilter(1 << 6);
    for (let n = 0; n < 64; n++) seen(filter, `id ${n}`);
    expect(seen(filter, 'one more')).toBe(true);
  });
});
