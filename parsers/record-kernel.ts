/**
 * The compiled reader of plain CloudTrail records (wasm/cloudtrail.ts): a window for records, and the tables of fields
 * and columns that it goes by. A thread has one, and its builders take turns with it.
 */
import {
  booleanSources,
  firstEnvelopeSlot,
  integerSources,
  jsonSources,
  recordFields,
  slotOf,
  textOrNothing,
  textSources,
  type ColumnSource,
} from './cloudtrail-fields.js';
import { plainKinds } from './cloudtrail-row.js';
import type { FieldLevel } from './json-fields.js';
import { Kernel, type KernelExports, type Word } from './kernel.js';
import { cloudtrailTable, columnIndex } from './tables.js';
import cloudtrailBytes from './wasm/cloudtrail.wasm';

/** What wasm/cloudtrail.ts exports, where each is described. */
interface Exports extends KernelExports {
  readonly keys: Word;
  readonly keySizes: Word;
  readonly children: Word;
  readonly levels: Word;
  readonly followers: Word;
  readonly plainKinds: Word;
  readonly columns: Word;
  readonly maybeNothing: Word;
  readonly choices: Word;
  readonly choiceCount: Word;
  readonly booleans: Word;
  readonly booleanCount: Word;
  readonly integers: Word;
  readonly integerCount: Word;
  readonly settings: Word;
}

/** Sizes as in wasm/json-fields.ts. */
const maxSlots = 160;
const maxLevels = 20;
const keyRoom = 64;
const levelBytes = 8 + 512;
const slotsOfChoice = 3;

const column = (name: string): number => columnIndex(cloudtrailTable, name);

/** Single slots and columns, in the order of wasm/cloudtrail.ts. */
const settings = [
  slotOf('eventTime'),
  slotOf('userIdentity.sessionContext.attributes.creationDate'),
  slotOf('resources'),
  slotOf('requestParameters.bucketName'),
  slotOf('eventType'),
  firstEnvelopeSlot,
  recordFields.subtreeEnd[slotOf('resources')]!,
  column('event_time'),
  column('session_creation_date'),
  column('bucket_account_id'),
  column('log_uri'),
  column('log_index'),
  slotOf('userIdentity.type'),
  slotOf('userIdentity.sessionContext.sessionIssuer.arn'),
  slotOf('userIdentity.arn'),
  slotOf('userIdentity.accountId'),
  slotOf('userIdentity.principalId'),
  slotOf('userIdentity.invokedBy'),
  slotOf('sourceIPAddress'),
  column('principal'),
  column('source_network'),
];

export class RecordKernel extends Kernel<Exports> {
  constructor() {
    super(cloudtrailBytes, cloudtrailTable);
    for (const index of cloudtrailTable.columns.keys()) this.setPlace(index, index);
    this.#writeFields();
    this.#writeColumns();
  }

  #writeFields(): void {
    const { exports } = this;
    const all = levelsOf();
    if (recordFields.count > maxSlots || all.length > maxLevels) throw new Error('wasm/json-fields.ts has no room');
    const words = (word: Word, count: number): Int32Array => new Int32Array(exports.memory.buffer, word.value, count);
    const keys = this.bytesAt(exports.keys, recordFields.count * keyRoom);
    const sizes = this.bytesAt(exports.keySizes, recordFields.count);
    const children = this.bytesAt(exports.children, recordFields.count);
    for (let slot = 0; slot < recordFields.count; slot++) {
      const key = recordFields.key(slot);
      keys.write(`${key}":`, slot * keyRoom);
      sizes[slot] = key.length;
      const child = recordFields.children[slot]!;
      children.writeInt8(child === null ? -1 : all.indexOf(child), slot);
    }
    for (const [index, level] of all.entries()) {
      const at = exports.levels.value + index * levelBytes;
      const entry = recordFields.count + 2 * index;
      words({ value: at }, 2).set([level.multiplier, entry]);
      new Int16Array(exports.memory.buffer, at + 8, level.slots.length).set(level.slots);
    }
    const followers = recordFields.count + 2 * all.length;
    new Int16Array(exports.memory.buffer, exports.followers.value, followers).fill(-1);
    this.bytesAt(exports.plainKinds, recordFields.count).set(plainKinds);
    words(exports.settings, settings.length).set(settings);
  }

  #writeColumns(): void {
    const { exports } = this;
    const write = (start: Word, count: Word, entries: readonly (readonly number[])[]): void => {
      new Int32Array(exports.memory.buffer, start.value, entries.length * (entries[0]?.length ?? 0)).set(
        entries.flat(),
      );
      count.value = entries.length;
    };
    const texts = [...textSources, ...jsonSources];
    const columns = this.bytesAt(exports.columns, recordFields.count).fill(-1);
    const maybeNothing = this.bytesAt(exports.maybeNothing, cloudtrailTable.columns.length);
    for (const { column, slots, mode } of texts) {
      if (slots.length === 1) columns[slots[0]!] = column;
      if ((mode & textOrNothing) !== 0) maybeNothing[column] = 1;
    }
    const choices = texts
      .filter(({ slots }) => slots.length > 1)
      .map(({ column, slots }) => [column, ...Array.from({ length: slotsOfChoice }, (_, index) => slots[index] ?? -1)]);
    write(exports.choices, exports.choiceCount, choices);
    write(exports.booleans, exports.booleanCount, booleanSources.map(single));
    write(exports.integers, exports.integerCount, integerSources.map(single));
  }
}

/** A column that has one slot. */
function single({ column, slots }: ColumnSource): number[] {
  return [column, slots[0]!];
}

/** All levels of the fields, that of the record first. */
function levelsOf(): FieldLevel[] {
  return [recordFields.root, ...recordFields.children.filter((level) => level !== null)];
}

let kernel: RecordKernel | null = null;

/** The kernel of this thread. */
export function recordKernel(): RecordKernel {
  return (kernel ??= new RecordKernel());
}
