/** From what one principal used to a policy document that fits into IAM. */
import { folderPattern, foldFolders } from './folders.js';
import type { Level } from './required-actions.js';

/** A permission that was used, with where. */
export interface Used {
  readonly action: string;
  readonly level: Level;
  /** Folders and keys of an `object`; prefixes of a `list`, of which one may be null for the whole bucket. */
  readonly folders: ReadonlySet<string | null>;
}

/** KMS calls that S3 made for the principal. */
export interface UsedKey {
  readonly action: string;
  readonly keyArn: string;
  readonly region: string;
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

/** Characters of a managed policy, white space not counted (IAM and STS quotas). */
export const maxPolicyCharacters = 6144;

/** Folders an action; halved until the document fits. One folder an action always does. */
const folderLimits = [24, 12, 6, 3, 2, 1];

export function policyDocument(
  bucketArn: string,
  { used, keys }: { readonly used: readonly Used[]; readonly keys: readonly UsedKey[] },
): PolicyDocument {
  const fits = (document: PolicyDocument): boolean => policyCharacters(document) <= maxPolicyCharacters;
  const documents = folderLimits.map((limit) => () => documentWithin(bucketArn, { used, keys, limit }));
  for (const document of documents) {
    const candidate = document();
    if (fits(candidate)) return candidate;
  }
  // Long names can fill even that: then one folder is the whole bucket.
  return documentWithin(bucketArn, { used: used.map(everywhere), keys, limit: 1 });
}

function everywhere(one: Used): Used {
  return { ...one, folders: new Set([one.level === 'list' ? null : '']) };
}

/** The characters that IAM counts. */
export function policyCharacters(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

interface Ingredients {
  readonly used: readonly Used[];
  readonly keys: readonly UsedKey[];
  readonly limit: number;
}

function documentWithin(bucketArn: string, { used, keys, limit }: Ingredients): PolicyDocument {
  const objects = grouped(
    used.filter(({ level }) => level === 'object'),
    ({ folders }) =>
      foldFolders(
        [...folders].map((folder) => folder ?? ''),
        limit,
      ).map((folder) => `${bucketArn}/${folderPattern(folder)}`),
  );
  const lists = grouped(
    used.filter(({ level }) => level === 'list'),
    ({ folders }) => listedPatterns(folders, limit),
  );
  const bucket = used.filter(({ level }) => level === 'bucket').map(({ action }) => action);
  const statements: Omit<Statement, 'Effect' | 'Sid'>[] = [
    ...lists.map(({ actions, patterns }) => ({
      Action: actions,
      Resource: bucketArn,
      ...(patterns.length === 0 ? {} : { Condition: { StringLike: { 's3:prefix': patterns } } }),
    })),
    ...(bucket.length === 0 ? [] : [{ Action: [...new Set(bucket)].sort(), Resource: bucketArn }]),
    ...objects.map(({ actions, patterns }) => ({ Action: actions, Resource: patterns })),
    ...keyStatements(keys),
  ];
  return {
    Version: '2012-10-17',
    Statement: statements.map((statement, index) => ({ Sid: `Used${index + 1}`, Effect: 'Allow', ...statement })),
  };
}

/** Patterns for s3:prefix; none when the whole bucket was listed. The folder itself is listed with its slash. */
function listedPatterns(prefixes: ReadonlySet<string | null>, limit: number): string[] {
  if (prefixes.has(null)) return [];
  const folded = foldFolders(
    [...prefixes].map((prefix) => prefix ?? ''),
    limit,
  );
  return folded.includes('') ? [] : folded.map((prefix) => folderPattern(prefix));
}

/** Actions that were used in the same places share a statement. */
function grouped(
  used: readonly Used[],
  patternsOf: (one: Used) => string[],
): { readonly actions: readonly string[]; readonly patterns: readonly string[] }[] {
  const groups = new Map<string, { actions: string[]; patterns: string[] }>();
  for (const one of used) {
    const patterns = patternsOf(one).sort();
    const group = groups.get(JSON.stringify(patterns)) ?? { actions: [], patterns };
    group.actions.push(one.action);
    groups.set(JSON.stringify(patterns), group);
  }
  return [...groups.values()].map(({ actions, patterns }) => ({ actions: actions.sort(), patterns }));
}

/** Keys may only be used through S3 of their Region. */
function keyStatements(keys: readonly UsedKey[]): Omit<Statement, 'Effect' | 'Sid'>[] {
  const regions = [...new Set(keys.map(({ region }) => region))].sort();
  return regions.map((region) => {
    const ofRegion = keys.filter((key) => key.region === region);
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    return {
      Action: [...new Set(ofRegion.map(({ action }) => action))].sort(),
      Resource: [...new Set(ofRegion.map(({ keyArn }) => keyArn))].sort(),
      Condition: { StringEquals: { 'kms:ViaService': `s3.${region}.${domain}` } },
    };
  });
}
