/** The manifests of Kubernetes: against the types of its API, and against what the job needs. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { CronJob } from 'kubernetes-types/batch/v1.js';
import type { ConfigMap } from 'kubernetes-types/core/v1.js';
import { exitCodes } from '../../config/app-error.js';
import { parseConfig } from '../../config/load.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';

const text = fs.readFileSync(path.join(packageRoot, 'deploy/kubernetes/cronjob.yaml'), 'utf8');
const documents = parseAllDocuments(text).map((document) => document.toJS() as { kind: string; apiVersion: string });
const documentOf = (kind: string): unknown => documents.find((document) => document.kind === kind);
const cronJob = documentOf('CronJob') as CronJob;

/** Compiles each document as a value of its API type, which refuses unknown fields and wrong types. */
function compile(documents: readonly { kind: string; apiVersion: string }[]): string {
  const folder = temporaryFolder('kubernetes');
  fs.symlinkSync(path.join(packageRoot, 'node_modules'), path.join(folder, 'node_modules'));
  const modules: Readonly<Record<string, string>> = { v1: 'core/v1', 'batch/v1': 'batch/v1' };
  const lines = documents.map(({ kind, apiVersion }, index) => {
    const type = `import('kubernetes-types/${modules[apiVersion]}').${kind}`;
    return `export const document${index}: ${type} = ${JSON.stringify(documents[index])};`;
  });
  const file = path.join(folder, 'manifests.ts');
  fs.writeFileSync(file, lines.join('\n'));
  const args = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--ignoreConfig',
    file,
  ];
  const { stdout } = spawnSync(path.join(packageRoot, 'node_modules/.bin/tsc'), args, {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout;
}

describe('the manifests', () => {
  it('have the fields and types of the API', () => {
    expect(documents.map(({ kind }) => kind)).toEqual([
      'ServiceAccount',
      'ConfigMap',
      'PersistentVolumeClaim',
      'CronJob',
    ]);
    expect(compile(documents)).toBe('');
  });

  it('would be refused with a field that the API does not have', () => {
    const wrong = { ...cronJob, kind: 'CronJob', apiVersion: 'batch/v1', spce: {} };
    expect(compile([wrong])).toContain('spce');
  });

  it('have a config that bucketwatch takes', () => {
    const { data } = documentOf('ConfigMap') as ConfigMap;
    expect(parseConfig(data!['bucketwatch.yaml']!, 'config').sources).toHaveLength(1);
  });
});

describe('the job', () => {
  const { spec } = cronJob;
  const { spec: job } = spec!.jobTemplate;
  const { spec: pod } = job!.template;
  const [container] = pod!.containers;

  it('never overlaps, and leaves out a start that it missed', () => {
    expect(spec!.concurrencyPolicy).toBe('Forbid');
    expect(spec!.startingDeadlineSeconds).toBeLessThan(300);
    // Below ten seconds the controller, which looks every ten, would miss starts.
    expect(spec!.startingDeadlineSeconds).toBeGreaterThan(10);
    expect(pod!.restartPolicy).toBe('Never');
  });

  it('counts a held lock as no failure, and gives up at once on a wrong config', () => {
    const actions = job!.podFailurePolicy!.rules.flatMap(({ action, onExitCodes }) =>
      (onExitCodes?.values ?? []).map((code) => [code, action]),
    );
    expect(actions).toEqual([
      [exitCodes.lockHeld, 'Ignore'],
      [exitCodes.usage, 'FailJob'],
    ]);
    expect(job!.activeDeadlineSeconds).toBeDefined();
  });

  it('meets the restricted standard of pod security', () => {
    expect(pod!.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container!.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod!.volumes!.filter((volume) => 'hostPath' in volume)).toEqual([]);
  });

  it('can write to its data and to scratch, as the user of the image', () => {
    const dockerfile = fs.readFileSync(path.join(packageRoot, 'Dockerfile'), 'utf8');
    expect(dockerfile).toContain(`USER ${pod!.securityContext!.runAsUser}:${pod!.securityContext!.runAsGroup}`);
    expect(pod!.securityContext!.fsGroup).toBe(pod!.securityContext!.runAsGroup);
    const mounts = container!
      .volumeMounts!.filter(({ readOnly }) => readOnly !== true)
      .map(({ mountPath }) => mountPath);
    expect(mounts.sort()).toEqual(['/tmp', '/var/lib/bucketwatch']);
    expect(dockerfile).toContain('BUCKETWATCH_DATA_DIR=/var/lib/bucketwatch');
  });
});
