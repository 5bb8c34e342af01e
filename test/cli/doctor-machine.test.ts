/** What `doctor` says of machines that this one is not. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineChecks, thisMachine, type Machine } from '../../cli/doctor/machine-checks.js';
import { loadConfig } from '../../config/load.js';
import { temporaryFolder } from '../temporary-folder.js';

const roomy: Machine = { nodeVersion: '24.1.0', memoryBytes: 16e9, memoryLimitBytes: null, cores: 8, coreLimit: null };

function statuses(limits: string, machine: Partial<Machine>): Record<string, string> {
  const folder = temporaryFolder('machine');
  fs.writeFileSync(path.join(folder, 'bucketwatch.yaml'), limits);
  const config = loadConfig({ env: {}, cwd: folder });
  return Object.fromEntries(
    machineChecks(config, { ...roomy, ...machine }).map(({ check, status }) => [check, status]),
  );
}

describe('the machine', () => {
  it('is good when everything fits', () => {
    expect(statuses('limits: { threads: 8 }', {})).toEqual({ node: 'ok', memory: 'ok', threads: 'ok' });
  });

  it.each([
    ['24.1.0', 'ok'],
    ['22.11.0', 'ok'],
    ['20.19.0', 'warn'],
    ['20.18.3', 'fail'],
    ['18.20.0', 'fail'],
  ])('with Node.js %s is %s', (nodeVersion, status) => {
    expect(statuses('limits: { threads: 1 }', { nodeVersion })['node']).toBe(status);
  });

  it.each([
    ['512MB', 600e6, 'warn'],
    ['512MB', 500e6, 'fail'],
    ['512MB', 1e9, 'ok'],
  ])('with %s of a control group of %d bytes is %s', (memory, memoryLimitBytes, status) => {
    expect(statuses(`limits: { memory: ${memory}, threads: 1 }`, { memoryLimitBytes })['memory']).toBe(status);
  });

  it('counts the share of a core that a control group gives as one thread', () => {
    expect(statuses('limits: { threads: 2 }', { coreLimit: 0.5 })['threads']).toBe('warn');
    expect(statuses('limits: { threads: 1 }', { coreLimit: 0.5 })['threads']).toBe('ok');
    expect(statuses('limits: { threads: 2 }', { coreLimit: 1.5 })['threads']).toBe('ok');
  });

  it('is read from the files of the kernel', () => {
    const folder = temporaryFolder('cgroup');
    expect(thisMachine(folder)).toMatchObject({ memoryLimitBytes: null, coreLimit: null });
    fs.writeFileSync(path.join(folder, 'memory.max'), '1073741824\n');
    fs.writeFileSync(path.join(folder, 'cpu.max'), '150000 100000\n');
    expect(thisMachine(folder)).toMatchObject({ memoryLimitBytes: 1_073_741_824, coreLimit: 1.5 });
    fs.writeFileSync(path.join(folder, 'memory.max'), 'max\n');
    fs.writeFileSync(path.join(folder, 'cpu.max'), 'max 100000\n');
    expect(thisMachine(folder)).toMatchObject({ memoryLimitBytes: null, coreLimit: null });
  });
});
