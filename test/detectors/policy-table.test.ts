import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluatePolicy, type Grant, type PolicyContext } from '../../detectors/policy/evaluate-policy.js';
import { packageRoot } from '../../store/sql-files.js';

/** A case names only the fields of a grant that it is about; the number of grants always counts. */
interface PolicyCase {
  readonly name: string;
  readonly why: string;
  readonly policy: unknown;
  readonly context?: PolicyContext;
  readonly grants?: readonly Partial<Grant>[];
  readonly neutralised?: readonly Partial<Grant>[];
  readonly malformed?: string;
}

const usual: PolicyContext = {
  ownerAccount: '111122223333',
  ownAccounts: ['111122223333', '222233334444'],
  trustedAccounts: ['555566667777'],
};
const folder = path.join(packageRoot, 'fixtures', 'policies');

function casesOf(file: string): PolicyCase[] {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as PolicyCase[];
}

describe.each(readdirSync(folder).filter((file) => file.endsWith('.json')))('policies of %s', (file) => {
  it.each(casesOf(file))('$name: $why', ({ policy, context, malformed, grants, neutralised }) => {
    const result = evaluatePolicy(policy, context ?? usual);
    expect(result).toMatchObject(malformed === undefined ? { grants, neutralised } : { malformed });
  });
});
