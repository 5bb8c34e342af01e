/** Finds, reads and checks the config file, and decides the data directory. Everything wrong is said in one error. */
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { AppError } from './app-error.js';
import { issueLines, type ConfigDocument } from './issue-text.js';
import { configSchema, type FileConfig } from './schema.js';

/** What every command works with: all paths are absolute, durations in ms, sizes in bytes. */
export interface Config extends Readonly<FileConfig> {
  /** Folder of the lake and the catalog. It may not exist yet. */
  readonly dataDir: string;
  /** The file that was read, or null when there is none and everything is default. */
  readonly configFile: string | null;
}

export interface LoadOptions {
  /** `--config`: must exist. Without it `./bucketwatch.yaml` is read if it exists. */
  readonly file?: string | undefined;
  /** `--data-dir`: wins over BUCKETWATCH_DATA_DIR, which wins over the file. */
  readonly dataDir?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

const defaultFile = 'bucketwatch.yaml';
const defaultDataDir = 'bucketwatch-data';
/** Nobody writes a larger one by hand, and YAML takes memory many times its size. */
const maxFileBytes = 4 << 20;
/** Enough for anchors in earnest; a "billion laughs" file needs far more. */
const maxAliases = 100;

/**
 * The config of this call. Throws an AppError `config-not-found`, `config-unreadable`, or `config-invalid` with a line
 * for every problem.
 */
export function loadConfig({ file, dataDir, env, cwd }: LoadOptions): Config {
  const path = resolve(cwd, file ?? defaultFile);
  const text = readConfigFile(path, file !== undefined);
  const content = parseConfig(text ?? '', shownName(path, cwd));
  const folder = dirname(path);
  return {
    ...absolutePaths(content, folder),
    dataDir: chooseDataDir({ flag: dataDir, env: env['BUCKETWATCH_DATA_DIR'], file: content.dataDir, cwd, folder }),
    configFile: text === null ? null : path,
  };
}

/** Checks the text of a config file; `name` is what errors call it. Paths stay as they are written. */
export function parseConfig(text: string, name: string): FileConfig {
  const config = parseYaml(text, name);
  const result = configSchema.safeParse(toPlain(config) ?? {}, { reportInput: true });
  if (!result.success) throw invalid(name, issueLines(result.error.issues, config));
  return result.data;
}

function readConfigFile(path: string, required: boolean): string | null {
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= maxFileBytes) return bytes.toString();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !required) return null;
    if (code === 'ENOENT')
      throw new AppError('config-not-found', `${path}: no such file; expected a config file, or no --config at all`, {
        facts: { path },
        cause,
      });
    throw new AppError(
      'config-unreadable',
      `${path}: cannot be read (${code}); expected a file that this user may read`,
      { facts: { path }, cause },
    );
  }
  throw new AppError('config-unreadable', `${path}: larger than ${maxFileBytes} bytes; expected a config file`, {
    facts: { path },
  });
}

/** Short when the file lies below the working directory, absolute otherwise. */
function shownName(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function parseYaml(text: string, name: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const problems = [...document.errors, ...document.warnings];
  if (problems.length === 0) return { name, document, lines };
  throw invalid(
    name,
    problems.map(
      ({ pos, message }) => `${name}:${lines.linePos(pos[0]).line} (yaml): ${sentence(message)}; expected valid YAML`,
    ),
  );
}

function sentence(message: string): string {
  return (message[0]?.toLowerCase() + message.slice(1)).replace(/[\p{C}]+/gu, ' ');
}

function toPlain({ document, name }: ConfigDocument): unknown {
  try {
    return document.toJS({ maxAliasCount: maxAliases });
  } catch (cause) {
    throw new AppError(
      'config-invalid',
      `${name}:1 (yaml): ${sentence((cause as Error).message)}; expected at most ${maxAliases} aliases`,
      { facts: { file: name }, cause },
    );
  }
}

function invalid(name: string, lines: readonly string[]): AppError {
  return new AppError('config-invalid', lines.join('\n'), { facts: { file: name, problems: lines.length } });
}

/** Resolves every path of the file against the file's own folder, so that a config works from any directory. */
export function absolutePaths(config: FileConfig, folder: string): FileConfig {
  const absolute = (path: string): string => resolve(folder, path);
  const absoluteOrNull = (path: string | null): string | null => (path === null ? null : absolute(path));
  return {
    ...config,
    sources: config.sources.map((source) =>
      source.type === 'local' ? { ...source, path: absolute(source.path) } : source,
    ),
    sinks: config.sinks.map((sink) => ('path' in sink ? { ...sink, path: absolute(sink.path) } : sink)),
    networks: { ...config.networks, awsRanges: absoluteOrNull(config.networks.awsRanges) },
    detectorDirs: config.detectorDirs.map(absolute),
    threatLists: config.threatLists.map((list) => ({ ...list, path: absolute(list.path) })),
    logIntegrity: { ...config.logIntegrity, keyFiles: config.logIntegrity.keyFiles.map(absolute) },
    geoip: { country: absoluteOrNull(config.geoip.country), asn: absoluteOrNull(config.geoip.asn) },
  };
}

interface DataDirChoices {
  readonly flag: string | undefined;
  readonly env: string | undefined;
  readonly file: string | null;
  readonly cwd: string;
  readonly folder: string;
}

/** An empty variable counts as unset, as shells and unit files leave them behind. */
function chooseDataDir({ flag, env, file, cwd, folder }: DataDirChoices): string {
  if (flag !== undefined) return resolve(cwd, flag);
  if (env !== undefined && env !== '') return resolve(cwd, env);
  if (file !== null) return resolve(folder, file);
  return resolve(cwd, defaultDataDir);
}
