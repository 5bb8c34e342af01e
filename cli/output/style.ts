/** Colours and weights for terminals, or none: decided once, then passed to whatever prints. */
import { styleText } from 'node:util';
import type { Severity } from '../../config/severity.js';

/** Gives a text a look without changing what it says or how wide it is. */
export type Paint = (text: string) => string;

/** The looks in use; all of them return the text unchanged when colours are off. */
export interface Style {
  readonly hasColours: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** A severity in capitals and in its colour, always `badgeWidth` columns wide. */
  badge(severity: Severity): string;
}

/** Columns of a badge: those of CRITICAL. */
export const badgeWidth = 8;

type Format = Parameters<typeof styleText>[0];

const severityFormats: Readonly<Record<Severity, Format>> = {
  critical: ['bold', 'white', 'bgRed'],
  high: ['bold', 'red'],
  medium: 'yellow',
  low: 'cyan',
  info: 'dim',
};

/**
 * Whether to colour what goes to a stream. NO_COLOR (https://no-color.org) wins over everything, then FORCE_COLOR
 * (`0` and `false` mean no), then whether the stream is a terminal that is not dumb.
 */
export function wantsColours(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** The looks, with or without colours. */
export function createStyle(hasColours: boolean): Style {
  const paint = (format: Format): Paint => {
    if (!hasColours) return (text) => text;
    return (text) => (text === '' ? '' : styleText(format, text, { validateStream: false }));
  };
  const badge = (severity: Severity): string =>
    paint(severityFormats[severity])(severity.toUpperCase().padEnd(badgeWidth));
  return {
    hasColours,
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
    badge,
  };
}

/** No colours: for files, pipes and tests. */
export const plainStyle: Style = createStyle(false);
