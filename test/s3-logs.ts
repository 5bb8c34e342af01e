/** Log objects and sources of S3 as the tests of reading use them. */
import { createHash } from 'node:crypto';
import type { S3Access } from '../aws/s3-access.js';
import { ingest, type IngestOptions, type IngestResult } from '../ingest/ingest.js';
import type { Source } from '../ingest/source.js';
import type { RunTotals } from '../store/run-record.js';
import { Store } from '../store/store.js';

/** Nothing of the machine that runs the tests is asked for credentials. */
export const testEnvironment: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

export function accessOf(endpoint: string | null, access: Partial<S3Access> = {}): S3Access {
  return {
    region: null,
    roleArn: null,
    externalId: null,
    endpoint,
    expectedBucketOwner: null,
    requesterPays: false,
    ...access,
  };
}

/** A line of an access log that no other line is like; `name` says which. */
export function logLine(name: string): string {
  const id = createHash('sha256').update(name).digest('hex').toUpperCase().slice(0, 16);
  return `79a59df900b949e55d96a1e698fbaced acme-docs [19/Oct/2026:10:00:00 +0000] 192.0.2.7 arn:aws:iam::111122223333:user/ada ${id} REST.GET.OBJECT k/${name} "GET /k/${name} HTTP/1.1" 200 - 10 10 5 4 "-" "aws-cli/2.1" - abc= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme-docs.s3.amazonaws.com TLSv1.3 - - -\n`;
}

/** Lines of a log object. */
export function logText(name: string, lines: number): string {
  return Array.from({ length: lines }, (_, line) => logLine(`${name}/${line}`)).join('');
}

const memoryBytes = 512e6;

/** Ingests sources; answers the totals of that run and its result. */
export async function ingestSources(
  sources: readonly Source[],
  dataDir: string,
  options: Partial<IngestOptions> = {},
): Promise<RunTotals & IngestResult> {
  const store = await Store.open({ dataDir, threads: 2, memoryBytes, command: 'ingest', now: Date.now });
  try {
    const result = await ingest(store, sources, { threads: 2, memoryBytes, maxInflatedBytes: 200e6, ...options });
    await store.finish('done');
    return { ...store.totals, ...result };
  } finally {
    store.close();
  }
}
