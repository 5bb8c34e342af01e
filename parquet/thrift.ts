/**
 * Writes Thrift's compact protocol, as far as Parquet's headers and footer need it:
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */

const Type = { true: 1, false: 2, byte: 3, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/**
 * Fields are written by their numbers, which ascend in a struct and are at most 15 apart. Numbers are whole and not negative.
 */
export class ThriftWriter {
  #bytes = Buffer.allocUnsafe(1 << 12);
  #length = 0;
  /** The number of the field before, and those of the structs around. */
  #before = 0;
  readonly #outer: number[] = [];

  /** What was written since the last call; good until something is written again. */
  take(): Buffer {
    const written = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return written;
  }

  boolean(id: number, value: boolean): void {
    this.#field(id, value ? Type.true : Type.false);
  }

  i8(id: number, value: number): void {
    this.#field(id, Type.byte);
    this.#byte(value);
  }

  i32(id: number, value: number): void {
    this.#field(id, Type.i32);
    this.#varint(value * 2);
  }

  i64(id: number, value: number): void {
    this.#field(id, Type.i64);
    this.#varint(value * 2);
  }

  binary(id: number, value: Uint8Array): void {
    this.#field(id, Type.binary);
    this.#binary(value);
  }

  struct(id: number, fields: () => void): void {
    this.#field(id, Type.struct);
    this.root(fields);
  }

  /** A struct that is no field: the outermost one, or one of a list. */
  root(fields: () => void): void {
    this.#outer.push(this.#before);
    this.#before = 0;
    fields();
    this.#byte(0);
    this.#before = this.#outer.pop()!;
  }

  structs<Item>(id: number, items: readonly Item[], fields: (item: Item) => void): void {
    this.#list(id, Type.struct, items.length);
    for (const item of items) this.root(() => fields(item));
  }

  i32s(id: number, items: readonly number[]): void {
    this.#list(id, Type.i32, items.length);
    for (const item of items) this.#varint(item * 2);
  }

  binaries(id: number, items: readonly Uint8Array[]): void {
    this.#list(id, Type.binary, items.length);
    for (const item of items) this.#binary(item);
  }

  #field(id: number, type: number): void {
    this.#byte(((id - this.#before) << 4) | type);
    this.#before = id;
  }

  #list(id: number, type: number, length: number): void {
    this.#field(id, Type.list);
    this.#byte((Math.min(length, 15) << 4) | type);
    if (length >= 15) this.#varint(length);
  }

  #binary(value: Uint8Array): void {
    this.#varint(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#byte((rest & 0x7f) | 0x80);
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
