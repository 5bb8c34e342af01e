/** Passes over a value of any length, block after block, without keeping any of it. */

/** Follows strings and brackets only: what it passes over has been rejected, or is of no interest. */
export class ValueSkipper {
  #depth = 0;
  #inString = false;
  #afterBackslash = false;

  /** Begins before a string, an object or an array. */
  begin(): void {
    this.#depth = 0;
    this.#inString = false;
    this.#afterBackslash = false;
  }

  /** Returns the offset after the value, or -1 when `bytes[p, end)` lies within it. */
  skip(bytes: Uint8Array, p: number, end: number): number {
    for (; p < end; p++) {
      const c = bytes[p]!;
      if (this.#inString) {
        if (this.#afterBackslash) this.#afterBackslash = false;
        else if (c === 92) this.#afterBackslash = true;
        else if (c === 34) {
          this.#inString = false;
          if (this.#depth === 0) return p + 1;
        }
      } else if (c === 34) this.#inString = true;
      else if (c === 123 || c === 91) this.#depth++;
      else if ((c === 125 || c === 93) && --this.#depth <= 0) return p + 1;
    }
    return -1;
  }
}
