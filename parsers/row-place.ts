/** Where a row was: the columns log_uri, and log_line or log_index. */
import type { BatchBuilder } from './batch.js';
import type { ObjectCursor } from './parser.js';

/** Index of the buffer that `keep` copies to. */
const sideBuffer = 1;

/** The columns that say where a row was, and the number of the first line or record of an object. */
export interface PlaceColumns {
  readonly uri: number;
  readonly number: number;
  readonly first: number;
}

/** Writes where a row was; its URI is copied once an object and batch. */
export class RowPlace {
  readonly #builder: BatchBuilder;
  readonly #columns: PlaceColumns;
  #object: ObjectCursor | null = null;
  #uri: Buffer = Buffer.alloc(0);
  #uriAt = 0;
  readonly #view = Buffer.alloc(16);

  constructor(builder: BatchBuilder, columns: PlaceColumns) {
    this.#builder = builder;
    this.#columns = columns;
  }

  /** Sets the columns for the line or record that `cursor` is at. */
  write(cursor: ObjectCursor): void {
    const { uri, number } = this.#columns;
    this.#keep(cursor);
    this.#builder.kept(uri, this.#uriAt, this.#uri.length);
    this.#builder.int64(number, this.number(cursor));
  }

  /** The number of the line or record that `cursor` is at. */
  number(cursor: ObjectCursor): number {
    return cursor.position + this.#columns.first;
  }

  /** The 16 bytes of a view of log_uri, for the rows of the batch that are of the object. */
  view(cursor: ObjectCursor): Buffer {
    this.#keep(cursor);
    return this.#view;
  }

  #keep(cursor: ObjectCursor): void {
    if (this.#builder.rows > 0 && cursor === this.#object) return;
    if (cursor !== this.#object) this.#uri = Buffer.from(cursor.uri);
    this.#object = cursor;
    const { length } = this.#uri;
    this.#uriAt = this.#builder.keep(this.#uri);
    this.#view.fill(0);
    this.#view.writeInt32LE(length);
    this.#uri.copy(this.#view, 4, 0, length > 12 ? 4 : length);
    if (length <= 12) return;
    this.#view.writeInt32LE(sideBuffer, 8);
    this.#view.writeInt32LE(this.#uriAt, 12);
  }
}
