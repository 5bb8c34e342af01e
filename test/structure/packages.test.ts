/** Dependencies: exact, and installable on every platform from the one lock file. */
import { describe, expect, it } from 'vitest';
import { textOf } from './source-files.js';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Dependencies = Readonly<Record<string, string>>;

const manifest = JSON.parse(textOf('package.json')) as Record<'dependencies' | 'devDependencies', Dependencies>;
const { packages: locked } = JSON.parse(textOf('package-lock.json')) as {
  packages: Readonly<Record<string, LockedPackage>>;
};

/** Packages whose work is done by one package a platform; a release without one of them breaks `npm ci` there. */
const nativePackages: readonly (readonly [name: string, platforms: number, begins: string])[] = [
  ['@duckdb/node-bindings', 8, '@duckdb/node-bindings-'],
  ['oxlint', 19, '@oxlint/binding-'],
  ['oxfmt', 19, '@oxfmt/binding-'],
  ['oxlint-tsgolint', 6, '@oxlint-tsgolint/'],
  ['typescript', 20, '@typescript/typescript-'],
];

describe('package.json', () => {
  it('pins every dependency exactly', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('names the versions that are locked', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([name, version]) => locked[`node_modules/${name}`]?.version !== version)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it.each(nativePackages)('has the packages of every platform of %s', (name, platforms, begins) => {
    const { optionalDependencies = {} } = locked[`node_modules/${name}`]!;
    const wanted = Object.entries(optionalDependencies).filter(([platform]) => platform.startsWith(begins));
    const missing = wanted.filter(([platform, version]) => locked[`node_modules/${platform}`]?.version !== version);
    expect(missing).toEqual([]);
    expect(wanted).toHaveLength(platforms);
  });

  it('misses no optional package of any other dependency', () => {
    const wanted = Object.values(locked).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
    expect(wanted.filter((name) => !(`node_modules/${name}` in locked))).toEqual([]);
  });

  it('takes every package from one place', () => {
    const hosts = Object.values(locked).flatMap(({ resolved }) =>
      resolved === undefined ? [] : [new URL(resolved).host],
    );
    expect(new Set(hosts).size).toBeLessThanOrEqual(1);
  });

  it('has no package of production with an install script', () => {
    const scripts = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(scripts.map(([name]) => name).filter((name) => !['node_modules/fsevents'].includes(name))).toEqual([]);
  });
});
