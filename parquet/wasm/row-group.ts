/**
 * Encodes row groups of Parquet: batches of views go in, the compressed pages of each column come out. JavaScript writes the
 * headers around them (parquet/row-group.ts).
 */
import { textsOf } from './columns';
import { forgetAll } from './memory';
import { forgetPages } from './pages';
import { addressOf, distinctTexts, isBefore, lengthOf } from './texts';

export { addBooleans, addNumbers, addTexts, begin, buffers, greatest, input, known, least, use } from './columns';
export { buildFilter, filter } from './bloom-filter';
export {
  beginColumn,
  booleanPage,
  dictionaryPage,
  encoding,
  indexPage,
  numberPage,
  packed,
  pageBytes,
  pageRows,
  textPage,
} from './pages';

/** Forgets all row groups. */
export function forget(): void {
  forgetAll();
  forgetPages();
}

/** The first and the last text of a column in the order of their bytes, after `findEnds`. */
export let firstText: usize = 0;
export let firstLength: i32 = 0;
export let lastText: usize = 0;
export let lastLength: i32 = 0;

/** Finds the ends of a column that has texts. */
export function findEnds(column: i32): void {
  const texts = textsOf(column);
  let first: u32 = 0;
  let last: u32 = 0;
  for (let index: u32 = 1; index < distinctTexts(texts); index++) {
    if (isBefore(texts, index, first)) first = index;
    else if (isBefore(texts, last, index)) last = index;
  }
  firstText = addressOf(texts, first);
  firstLength = <i32>lengthOf(texts, first);
  lastText = addressOf(texts, last);
  lastLength = <i32>lengthOf(texts, last);
}

/** Distinct texts of a column, if its search was not given up. */
export function distinct(column: i32): i32 {
  return <i32>distinctTexts(textsOf(column));
}
