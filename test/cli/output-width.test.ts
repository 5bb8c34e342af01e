import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToWidth, displayWidth, padToWidth, wrapToWidth } from '../../cli/output/display-width.js';

const anyText = fc.string({ unit: fc.constantFrom('a', ' ', '漢', 'é', 'e\u0301', '😀', 'ｗ', '\u0301', '🇩🇪') });

describe('display width', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['ｗ', 2],
    ['😀', 2],
    ['…', 1],
    ['─', 1],
    ['', 0],
  ])('of %j is %i', (text, expected) => {
    expect(displayWidth(text)).toBe(expected);
  });

  it('is never exceeded by cut text', () => {
    fc.assert(
      fc.property(anyText, fc.nat(12), (text, width) => {
        expect(displayWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is never exceeded by a line of wrapped text, and wrapping loses nothing but spaces', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 12 }), (text, width) => {
        const lines = wrapToWidth(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('is reached exactly by padded text', () => {
    expect([padToWidth('漢', 4, 'left'), padToWidth('漢', 4, 'right')]).toEqual(['漢  ', '  漢']);
  });
});

describe('cutting', () => {
  it('marks what is missing', () => {
    expect(cutToWidth('abcdef', 4)).toBe('abc…');
  });

  it('does not split a wide character', () => {
    expect(cutToWidth('漢字漢字', 4)).toBe('漢…');
  });
});

describe('wrapping', () => {
  it('breaks at spaces where it can', () => {
    expect(wrapToWidth('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
  });

  it('breaks a long word anywhere', () => {
    expect(wrapToWidth('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
  });
});
