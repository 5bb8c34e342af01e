/** The sources of a run: the paths of the command line, or those of the config. */
import path from 'node:path';
import type { S3Access } from '../aws/s3-access.js';
import { AppError } from '../config/app-error.js';
import type { Config } from '../config/load.js';
import type { Source as ConfiguredSource } from '../config/source-schema.js';
import type { Source } from '../ingest/source.js';
import { localSource } from '../ingest/sources/local.js';
import { s3Source, type ListingHistory } from '../ingest/sources/s3.js';
import { sqsSource } from '../ingest/sources/sqs.js';
import { stdinSource } from '../ingest/sources/stdin.js';

/** The days of a back-fill, by the dates in the keys of S3; null on both sides looks back as configured. */
export interface BackfillPeriod {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface SourceContext {
  readonly cwd: string;
  readonly runId: string;
  readonly nowMs: number;
  readonly period: BackfillPeriod;
  readonly history: (source: string) => ListingHistory;
}

type S3Config = Extract<ConfiguredSource, { readonly type: 's3' }>;

/** Throws `usage` when there is nothing to read, or a period is asked of what has no dates. */
export function sourcesOf(paths: readonly string[], config: Config, context: SourceContext): Source[] {
  const sources =
    paths.length > 0
      ? paths.map((name) => pathSource(name, config, context))
      : config.sources.map((source) => configuredSource(source, context));
  if (sources.length === 0) {
    throw new AppError(
      'usage',
      'nothing to read: no path was given and the config has no sources; name a file or folder, or add sources (bucketwatch init writes an example)',
    );
  }
  if (!isBackfill(context)) return sources;
  const dated = sources.filter(({ kind }) => kind === 's3');
  if (dated.length > 0) return dated;
  throw new AppError(
    'usage',
    '--from and --to: no source of type s3 among what is to be read; expected an s3:// address or a source of the config, whose keys have dates',
  );
}

function configuredSource(source: ConfiguredSource, context: SourceContext): Source {
  switch (source.type) {
    case 'local':
      return localSource(source.path);
    case 's3': {
      const { bucket, prefix, layout, lookbackMs } = source;
      const period = { ...context.period, lookbackMs, nowMs: context.nowMs };
      return s3Source({
        bucket,
        prefix,
        layout,
        period,
        access: accessOf(source),
        history: context.history(source.uri),
      });
    }
    case 'sqs': {
      const { queueUrl, buckets } = source;
      return sqsSource({ queueUrl, buckets, access: accessOf(source), nowMs: context.nowMs });
    }
  }
}

function pathSource(name: string, config: Config, context: SourceContext): Source {
  if (name === '-') return stdinSource(context.runId);
  if (/^s3:/i.test(name)) return s3Path(name, config, context);
  return localSource(path.resolve(context.cwd, name));
}

/** Everything under the address, or the days of a back-fill; reached as the config says of that bucket. */
function s3Path(name: string, config: Config, context: SourceContext): Source {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(name) ?? [];
  if (bucket === undefined)
    throw new AppError('usage', `${name}: is not an S3 address; expected s3://<bucket>/<prefix>`);
  const configured = config.sources.find(
    (source): source is S3Config => source.type === 's3' && source.bucket === bucket,
  );
  return s3Source({
    bucket,
    prefix,
    layout: 'auto',
    access: configured === undefined ? anyAccess : accessOf(configured),
    period: isBackfill(context) ? { ...context.period, lookbackMs: null, nowMs: context.nowMs } : null,
  });
}

function isBackfill({ period }: SourceContext): boolean {
  return period.fromMs !== null || period.toMs !== null;
}

function accessOf(source: S3Access): S3Access {
  const { region, roleArn, externalId, endpoint, expectedBucketOwner, requesterPays } = source;
  return { region, roleArn, externalId, endpoint, expectedBucketOwner, requesterPays };
}

const anyAccess: S3Access = {
  region: null,
  roleArn: null,
  externalId: null,
  endpoint: null,
  expectedBucketOwner: null,
  requesterPays: false,
};
