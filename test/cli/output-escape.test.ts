import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvText, markdownCell, safeJson, terminalSafe, terminalSafeLines } from '../../cli/output/escape.js';

/** Text as an attacker writes it: every kind of character, often the bad ones. */
const hostileText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\x1b',
      '\x07',
      '\0',
      '\r',
      '\n',
      '\t',
      '\x7f',
      '\x9b',
      '\u202e',
      '\u2066',
      '\u200b',
      '\u200d',
      '\ufeff',
      '\u2028',
      '\ud800',
      '\udfff',
    ),
    fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '|',
      '`',
      '\\',
      '"',
      "'",
      ',',
      '<',
      '[',
      '😀',
      '漢',
      '\u0301',
      '\ufe0f',
      '\u{e0041}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

describe('text for a terminal', () => {
  it.each([
    ['\x1b[2Jgone', '\\x1b[2Jgone'],
    ['\u009b31m', '\\x9b31m'],
    ['a\u202egnp.exe', 'a\\u202egnp.exe'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['a\nb\rc\td', 'a\\nb\\rc\\td'],
    ['nul\0', 'nul\\x00'],
    ['\ud83d alone', '\\ud83d alone'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['line\u2028separator', 'line\\u2028separator'],
    ['\u0301 mark first', '\\u0301 mark first'],
    [`a${'\u0301'.repeat(6)}`, `a${'\u0301'.repeat(4)}\\u0301\\u0301`],
    ['plain C:\\path é 漢字 😀', 'plain C:\\path é 漢字 😀'],
  ])('shows %j as %s', (text, expected) => {
    expect(terminalSafe(text)).toBe(expected);
  });

  it('never holds a control, format or surrogate character', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(terminalSafe(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('does not change text that is already safe', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(terminalSafe(terminalSafe(text))).toBe(terminalSafe(text));
      }),
    );
  });

  it('keeps the lines of a text of several lines and nothing else that is invisible', () => {
    expect(terminalSafeLines('select 1\r\n\tfrom \x1b]0;t\x07')).toBe('select 1\n  from \\x1b]0;t\\x07');
  });
});

describe('JSON for a terminal', () => {
  it('is the same value in visible characters', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const json = safeJson(JSON.stringify(text));
        expect(JSON.parse(json)).toBe(text);
        expect(json).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('a CSV field', () => {
  it.each([
    ['plain', 'plain'],
    ['', '""'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [' edge ', '" edge "'],
    ['=1+1', "'=1+1"],
    ['=HYPERLINK("https://example.com","x")', `"'=HYPERLINK(""https://example.com"",""x"")"`],
    ['+cmd', "'+cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['a;=1+1', '"a;=1+1"'],
    ['-', "'-"],
    ['-1.5', '-1.5'],
    ['+49', '+49'],
    ["'=1", "''=1"],
    ['\x1b[31m\u202ex\0', '\\x1b[31m\\u202ex\\x00'],
    ['میان\u200cبر', 'میان\u200cبر'],
  ])('writes %j as %j', (text, expected) => {
    expect(csvText(text)).toBe(expected);
  });

  it('never starts a formula', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const value = csvText(text).replace(/^"([^]*)"$/, '$1');
        expect(/^[=+\-@\t\r]/.test(value) && !/^[+-]\d/.test(value)).toBe(false);
      }),
    );
  });
});

describe('a Markdown cell', () => {
  it.each([
    ['plain words', 'plain words'],
    ['acme-logs', 'acme-logs'],
    ['event_time', 'event_time'],
    ['_emphasis_', '`_emphasis_`'],
    ['a __b__', '`a __b__`'],
    ['2026-01-31T07:00:00.5Z', '2026-01-31T07:00:00.5Z'],
    ['192.0.2.1', '192.0.2.1'],
    ['a|b', '`a\\|b`'],
    ['a\\|b', '`a\\\\x7cb`'],
    ['*bold* <img src=x>', '`*bold* <img src=x>`'],
    ['[x](https://example.com)', '`[x](https://example.com)`'],
    ['https://example.com', '`https://example.com`'],
    ['tick ` tick', '``tick ` tick``'],
    ['`', '`` ` ``'],
    ['a\nb', '`a\\nb`'],
    ['', ''],
  ])('writes %j as %s', (text, expected) => {
    expect(markdownCell(text)).toBe(expected);
  });

  it('has no pipe that ends the cell and no line end', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const withoutEscapes = markdownCell(text).replace(/\\[^\r\n]/g, '');
        expect(withoutEscapes).not.toMatch(/[|\r\n]/);
      }),
    );
  });

  it('closes its code span with the fence that it opened, and has no such fence inside', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const cell = markdownCell(text);
        const fence = /^`*/.exec(cell)![0];
        if (fence === '') return;
        const inside = cell.slice(fence.length, -fence.length);
        expect(cell.endsWith(fence)).toBe(true);
        expect(new Set(inside.match(/`+/g)).has(fence)).toBe(false);
      }),
    );
  });
});
