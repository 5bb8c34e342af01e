import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { badgeWidth, createStyle, plainStyle, wantsColours } from '../../cli/output/style.js';
import { severities } from '../../config/severity.js';

const terminal = { isTTY: true };
const pipe = { isTTY: false };

describe('colours', () => {
  it.each([
    ['on a terminal', terminal, {}, true],
    ['not in a pipe', pipe, {}, false],
    ['not with NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['in a pipe with FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, true],
    ['not with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false],
    ['not when both are set, because NO_COLOR wins', pipe, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['not on a dumb terminal', terminal, { TERM: 'dumb' }, false],
  ])('%s', (_, stream, env, expected) => {
    expect(wantsColours(stream, env)).toBe(expected);
  });

  it('change nothing when they are off', () => {
    expect([plainStyle.bold('x'), plainStyle.red('x'), plainStyle.badge('high')]).toEqual(['x', 'x', 'HIGH    ']);
  });

  it('are escape sequences when they are on', () => {
    expect(createStyle(true).bold('x')).toBe('\x1b[1mx\x1b[22m');
  });

  it('leave badges of all severities equally wide', () => {
    for (const severity of severities) {
      expect(stripVTControlCharacters(createStyle(true).badge(severity))).toHaveLength(badgeWidth);
    }
  });
});
