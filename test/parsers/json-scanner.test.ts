/** The JSON scanner against JSON.parse: what it accepts, where values end, and what it finds in them. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFields } from '../../parsers/json-fields.js';
import { incomplete, JsonScanner, malformed } from '../../parsers/json-scanner.js';
import { integerOf, notAnInt64, notANumber, unescapeJson } from '../../parsers/json-text.js';

const fields = new JsonFields({ name: null, nested: { name: null, other: null }, list: { name: null }, last: null });

function scannerOf(text: string): JsonScanner {
  const scanner = new JsonScanner(fields, {
    plainKinds: new Uint8Array(fields.count),
    firstCollected: fields.slot('last'),
    listSlot: fields.slot('list'),
    elements: fields.children[fields.slot('list')]!,
    onElement: () => {},
    onListRepeated: () => {},
    isContainer: () => false,
    isSensitive: () => false,
  });
  const bytes = Buffer.from(text);
  scanner.load(bytes, 0, bytes.length);
  scanner.begin();
  return scanner;
}

/** What JSON.parse makes of the text: a value, or nothing. */
function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const spaces = fc.constantFrom('', ' ', '\n', '\t\r\n');
const token = fc.oneof(
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '"name":',
    '"list":[',
    '"a":{',
    'true',
    'nul',
    '-',
    '0',
    '01',
    '1.',
    '1e',
    '1.5E+3',
    '"\\u00e9"',
    '"\\ud800"',
    '"\\x"',
    '"\u0001"',
    '\u00a0',
  ),
);
const text = fc.array(fc.tuple(token, spaces), { maxLength: 8 }).map((parts) => parts.flat().join(''));

describe('json scanner', () => {
  it('accepts the values that JSON.parse accepts, and no others', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.json()), spaces, (value, space) => {
        // A number ends where something else begins, so that a line feed follows.
        const scanner = scannerOf(`${space}${value}\n`);
        const end = scanner.value(scanner.space(0));
        const isWhole = end >= 0 && scanner.space(end) === Buffer.byteLength(`${space}${value}\n`);
        expect(isWhole).toBe(accepts(value));
      }),
      { numRuns: 5000 },
    );
  });

  it('accepts the objects that JSON.parse accepts, and no others', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.json()), (inner) => {
        const object = `{"name":"x","nested":{"name":${inner},"other":1},"list":[{"name":${inner}}],"last":${inner}}`;
        const end = scannerOf(`${object}\n`).object(1, fields.root);
        // Text that closes the object early is for whoever called.
        expect(end === Buffer.byteLength(object)).toBe(accepts(object));
      }),
      { numRuns: 3000 },
    );
  });

  it('says of every beginning of a value that it is incomplete', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (value, cut) => {
        const bytes = Buffer.from(`{"name":${value},"a":[${value}]}`);
        const length = 1 + (cut % (bytes.length - 1));
        const scanner = scannerOf('');
        scanner.load(bytes, 0, length);
        expect(scanner.object(1, fields.root)).toBe(incomplete);
        scanner.rewind(0);
        expect(scanner.value(0)).toBe(incomplete);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds a field whatever was before and after it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (others, value) => {
        const object = JSON.stringify({ ...others, nested: { ...others, name: value } });
        const scanner = scannerOf(object);
        expect(scanner.object(1, fields.root)).toBe(Buffer.byteLength(object));
        const slot = fields.slot('nested.name');
        const raw = Buffer.from(object).subarray(scanner.start(slot) - 1, scanner.end(slot) + 1);
        expect(JSON.parse(raw.toString())).toBe(Buffer.from(value).toString());
      }),
      { numRuns: 1000 },
    );
  });

  it('tells where malformed text is wrong and what was expected', () => {
    const scanner = scannerOf('{"name":"x" "last":1}');
    expect(scanner.object(1, fields.root)).toBe(malformed);
    expect([scanner.errorAt, scanner.expected]).toEqual([12, 'a comma or the end of the object']);
  });
});

describe('json text', () => {
  it('unescapes as JSON.parse does, in its own place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (value, isAscii) => {
        const json = JSON.stringify(value).slice(1, -1);
        const escaped = isAscii
          ? json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : json;
        const bytes = Buffer.from(escaped);
        const end = unescapeJson(bytes, 0, bytes.length, bytes, 0);
        expect(bytes.toString('utf8', 0, end)).toBe(Buffer.from(value).toString());
      }),
      { numRuns: 2000 },
    );
  });

  it('reads every int64 exactly, in any spelling', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.constantFrom('', '.0', '.000', 'e0', '.0E+00'),
        (value, ending) => {
          const bytes = Buffer.from(`${value}${ending}`);
          expect(BigInt(integerOf(bytes, 0, bytes.length))).toBe(value);
        },
      ),
    );
  });

  it.each([
    ['2.43e2', 243],
    ['1000e-3', 1],
    ['-0', 0],
    ['0e999999999999', 0],
    ['9223372036854775808', notAnInt64],
    ['-9223372036854775809', notAnInt64],
    ['0.5', notAnInt64],
    ['1e400', notAnInt64],
    ['1e-400', notAnInt64],
    ['', notANumber],
    ['12 ', notANumber],
    ['0x10', notANumber],
    ['Infinity', notANumber],
  ])('takes %j for %j', (text, expected) => {
    const bytes = Buffer.from(text);
    expect(integerOf(bytes, 0, bytes.length)).toBe(expected);
  });
});
