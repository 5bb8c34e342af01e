/**
 * Encodes row groups of Parquet: batches of views go in, the compressed pages of each column come out. JavaScript writes the
 * headers around them (parquet/row-group.ts).
 */
import { textsOf } from './columns';
import { forgetAll } from './memory';
import { forgetPages } from './page';
import { addressOfEnd, lengthOfEnd } from './text-ends';
import { distinctTexts, firstOf, lastOf } from './texts';

export { addBooleans, addNumbers, addTexts, buffers, input } from './batch';
export { begin, greatest, known, least, use } from './columns';
export { buildFilter, filter } from './bloom-filter';
export { encoding, packed, pageBytes, pageRows } from './page';
export { beginColumn, booleanPage, dictionaryPage, indexPage, numberPage, textPage } from './pages';

/** Forgets all row groups. */
export function forget(): void {
  forgetAll();
  forgetPages();
}

/** Where the first text of a column lies, in the order of their bytes. */
export function firstText(column: i32): usize {
  return addressOfEnd(firstOf(textsOf(column)));
}

export function firstLength(column: i32): usize {
  return lengthOfEnd(firstOf(textsOf(column)));
}

/** Where the last one lies. */
export function lastText(column: i32): usize {
  return addressOfEnd(lastOf(textsOf(column)));
}

export function lastLength(column: i32): usize {
  return lengthOfEnd(lastOf(textsOf(column)));
}

/** Distinct texts of a column, if its search was not given up. */
export function distinct(column: i32): i32 {
  return <i32>distinctTexts(textsOf(column));
}
