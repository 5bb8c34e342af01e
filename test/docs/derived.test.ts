/** The committed documentation is what the code writes. After a change: `npm run docs`. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../config/app-error.js';
import { accessLogInput, cloudtrailInput, objectInput } from '../../docs/bad-input.js';
import { documentationPages } from '../../docs/pages.js';
import { rejectReasons, rowFlags, skippedKinds } from '../../parsers/reject.js';
import { packageRoot } from '../../store/sql-files.js';
import { filesEndingIn } from '../structure/source-files.js';

const pages = await documentationPages();

const committed = (file: string): string => fs.readFileSync(path.join(packageRoot, file), 'utf8');

/** Headings that are one code span, for example `` ### `usage` ``. */
function codeHeadings(file: string, level: number): string[] {
  const heading = new RegExp(`^${'#'.repeat(level)} \`(.*)\`$`, 'gm');
  return Array.from(committed(file).matchAll(heading), ([, code]) => code!);
}

describe('the derived documentation', () => {
  it.each([...pages.keys()])('%s is as the code writes it', (file) => {
    expect(committed(file)).toBe(pages.get(file));
  });

  it('has no page of a detector that is gone', () => {
    const files = fs.readdirSync(path.join(packageRoot, 'docs/detectors')).map((file) => `docs/detectors/${file}`);
    expect(files.filter((file) => !pages.has(file))).toEqual([]);
  });

  it('has the same bytes each time it is written', async () => {
    expect([...(await documentationPages())]).toEqual([...pages]);
  });
});

describe('every page', () => {
  const written = filesEndingIn('.md').filter((file) => !file.startsWith('fixtures/'));

  it('links to files and headings that exist', () => {
    expect(written.flatMap((file) => brokenLinks(file, committed(file)))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('has a section for every error code and for no other', () => {
    expect(codeHeadings('docs/errors.md', 3)).toEqual(Object.keys(errorCodes));
  });
});

describe('docs/data-quality.md', () => {
  it('has a section for every reason, flag and skipped kind and for no other', () => {
    const codes = [rejectReasons, rowFlags, skippedKinds].flatMap((list) => Object.keys(list));
    expect(codeHeadings('docs/data-quality.md', 3)).toEqual(codes);
  });

  it('names an input for every reason, flag and skipped kind', () => {
    const fates = [...accessLogInput, ...cloudtrailInput, ...objectInput].map(({ fate }) => fate);
    const named = new Set<string>(fates.flatMap((fate) => (typeof fate === 'string' ? [] : Object.values(fate))));
    const codes = [rejectReasons, rowFlags, skippedKinds].flatMap((list) => Object.keys(list));
    expect(codes.filter((code) => !named.has(code))).toEqual([]);
  });
});

/** Links of a page to files that are missing, and to headings that their page does not have. */
function brokenLinks(file: string, text: string): string[] {
  // What stands in code is shown and no link, but a link may have code as its text.
  const shown = text.replace(/^```.*?^```/gms, '').replace(/(?<!\[)`[^`\n]*`(?!\])/g, '');
  const links = Array.from(shown.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!);
  return links.filter((link) => !link.includes('://') && !isThere(file, link)).map((link) => `${file}: ${link}`);
}

function isThere(from: string, link: string): boolean {
  const [target = '', fragment] = link.split('#');
  const file = target === '' ? from : path.posix.join(path.posix.dirname(from), target);
  if (!fs.existsSync(path.join(packageRoot, file))) return false;
  return fragment === undefined || anchorsOf(committed(file)).has(fragment);
}

/** As GitHub makes them: lower case, without punctuation, spaces as hyphens. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    Array.from(headings, ([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
