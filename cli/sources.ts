/** The sources of a run: the paths of the command line, or those of the config. */
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import type { Config } from '../config/load.js';
import type { Source } from '../ingest/source.js';
import { localSource } from '../ingest/sources/local.js';
import { stdinSource } from '../ingest/sources/stdin.js';

/** Throws `usage` when there is nothing to read, or a source that this version cannot read. */
export function sourcesOf(
  paths: readonly string[],
  config: Config,
  { cwd, runId }: { readonly cwd: string; readonly runId: string },
): Source[] {
  if (paths.length > 0) return paths.map((name) => pathSource(name, cwd, runId));
  if (config.sources.length === 0) {
    throw new AppError(
      'usage',
      'nothing to read: no path was given and the config has no sources; name a file or folder, or add sources (bucketwatch init writes an example)',
    );
  }
  return config.sources.map((source) => {
    if (source.type === 'local') return localSource(source.path);
    throw new AppError('usage', `sources: type ${source.type} cannot be read by this version; expected local`);
  });
}

function pathSource(name: string, cwd: string, runId: string): Source {
  if (name === '-') return stdinSource(runId);
  if (/^s3:/i.test(name))
    throw new AppError('usage', `${name}: S3 cannot be read by this version; expected a local path, or -`);
  return localSource(path.resolve(cwd, name));
}
