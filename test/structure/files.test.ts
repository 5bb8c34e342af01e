/** Names, sizes and exports of source files. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesEndingIn, stageOf, textOf } from './source-files.js';

const sources = filesEndingIn('.ts');

const maxLines = 350;

/** Files that are longer, and why they are not cut. */
const longFiles: Readonly<Record<string, string>> = {
  'parsers/json-scanner.ts': 'One state machine over bytes; each state goes on in others of the file.',
  'parsers/cloudtrail.ts': 'The walk through a file block by block; each method is a state of it.',
};

describe('a source file', () => {
  it('is never called utils, helpers, common or manager', () => {
    const vague = /^(utils?|helpers?|common|managers?|misc|shared)$/;
    const isVague = (file: string): boolean =>
      file.split('/').some((part) =>
        path.posix
          .basename(part, '.ts')
          .split(/[-.]/)
          .some((word) => vague.test(word)),
      );
    expect(sources.filter(isVague)).toEqual([]);
  });

  it('is named in kebab case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.ts$/;
    expect(sources.filter((file) => !kebab.test(path.posix.basename(file)))).toEqual([]);
  });

  it('has no default export, but for the config that vitest asks for', () => {
    const defaultExport = /^export default\b|\bas default\b/m;
    expect(sources.filter((file) => defaultExport.test(textOf(file)))).toEqual(['vitest.config.ts']);
  });

  it(`has at most ${maxLines} lines, unless it says why`, () => {
    const long = sources.filter((file) => stageOf(file) !== 'test' && lineCount(file) > maxLines);
    expect(long.filter((file) => !(file in longFiles))).toEqual([]);
  });

  it('is listed as long only while it is', () => {
    expect(Object.keys(longFiles).filter((file) => !sources.includes(file) || lineCount(file) <= maxLines)).toEqual([]);
  });

  it('opens with a comment that says what it holds', () => {
    const opens = /^(#!.*\n)?\/\*\*/;
    const isSilent = (file: string): boolean =>
      stageOf(file) !== 'test' && stageOf(file) !== '' && !opens.test(textOf(file));
    expect(sources.filter(isSilent)).toEqual([]);
  });
});

function lineCount(file: string): number {
  return textOf(file).trimEnd().split('\n').length;
}
