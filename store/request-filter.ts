/**
 * A set of request-id fingerprints that all workers of a run share: it tells rows that cannot repeat another row of
 * the run from suspects, which are compared exactly when the run commits. Being wrong in one direction only makes it
 * small: a suspect may be innocent, a row that is called new is new.
 */
const emptySlot = 0;
/** After this many occupied slots a row counts as a suspect: a full table slows the run down and loses nothing. */
const maxProbes = 64;
/** Of a long id, such as a UUID, so many bytes at either end are enough. */
const endBytes = 8;

export class RequestFilter {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** `slots` is a power of two, or the buffer of a filter that another thread made. */
  constructor(slots: number | SharedArrayBuffer) {
    this.buffer = typeof slots === 'number' ? new SharedArrayBuffer(slots * 4) : slots;
    this.#slots = new Int32Array(this.buffer);
    this.#mask = this.#slots.length - 1;
  }

  /** Adds the id `bytes[start, start + length)`; false when it was new. */
  seen(bytes: Uint8Array, start: number, length: number): boolean {
    let place = 0x811c9dc5;
    let tag = 0x9747b28c | 0;
    const end = start + length;
    for (let i = start; i < end; i++) {
      if (i === start + endBytes) i = Math.max(i, end - endBytes);
      const byte = bytes[i]!;
      place = Math.imul(place ^ byte, 0x01000193);
      tag = Math.imul(tag ^ byte, 0x5bd1e995);
      tag ^= tag >>> 15;
    }
    place ^= place >>> 16;
    return this.#insert(Math.imul(place, 0x85ebca6b), tag === emptySlot ? 1 : tag);
  }

  /** Forgets every id; no other thread may be adding one. */
  clear(): void {
    this.#slots.fill(emptySlot);
  }

  #insert(place: number, tag: number): boolean {
    let slot = (place >>> 7) & this.#mask;
    for (let probe = 0; probe < maxProbes; probe++) {
      const found = Atomics.compareExchange(this.#slots, slot, emptySlot, tag);
      if (found === emptySlot) return false;
      if (found === tag) return true;
      slot = (slot + 1) & this.#mask;
    }
    return true;
  }
}
