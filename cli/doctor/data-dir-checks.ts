/** The data directory: can it be written, is it on a disk of this machine, is there room, and is it of our version. */
import fs from 'node:fs';
import path from 'node:path';
import { inspectDataDirectory } from '../../store/inspect.js';
import { formatBytes } from '../output/number-format.js';
import { checksOf, type Check, type Checks } from './check.js';

export async function dataDirChecks(dataDir: string): Promise<Check[]> {
  const checks = checksOf(`data directory ${dataDir}`);
  const folder = nearestFolder(dataDir);
  const writable = writableCheck(checks, dataDir, folder);
  return [writable, ...diskChecks(checks, folder), await versionCheck(checks, dataDir)];
}

/** The folder itself, or the nearest one above it that exists: the first run makes the rest. */
function nearestFolder(dataDir: string): string {
  let folder = dataDir;
  while (!fs.existsSync(folder)) folder = path.dirname(folder);
  return folder;
}

function writableCheck({ ok, fail }: Checks, dataDir: string, folder: string): Check {
  // access() may say yes on a read-only mount or for root; only a file tells.
  const probe = path.join(folder, `.bucketwatch-doctor-${process.pid}`);
  try {
    fs.writeFileSync(probe, '', { flag: 'wx' });
    fs.rmSync(probe);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return fail('write', `${folder} cannot be written (${code})`, {
      todo: `let user ${process.getuid?.() ?? 'of the job'} write there, or choose another with --data-dir`,
      kind: 'config',
    });
  }
  return ok('write', folder === dataDir ? 'can be written' : 'does not exist yet; the first run makes it');
}

/** A run writes its new files beside the old ones, so this much must always be free. */
const leastFreeBytes = 200e6;
const littleFreeBytes = 2e9;

/** Magic numbers of statfs(2) for file systems without locks that can be trusted. */
const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB 2',
  0x01021997: '9P',
};

function diskChecks({ ok, warn, fail }: Checks, folder: string): Check[] {
  const { type, bavail, bsize } = fs.statfsSync(folder);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} free`;
  const network = networkFileSystems[type];
  return [
    network === undefined
      ? ok('disk', 'a disk of this machine')
      : warn('disk', `a network file system (${network})`, 'use a disk of this machine: the lock may not hold there'),
    free < leastFreeBytes
      ? fail('free space', text, { todo: 'make room, or lower retention_days', kind: 'local' })
      : free < littleFreeBytes
        ? warn('free space', text, 'make room, or lower retention_days')
        : ok('free space', text),
  ];
}

async function versionCheck({ ok, fail }: Checks, dataDir: string): Promise<Check> {
  const found = await inspectDataDirectory(dataDir);
  switch (found.state) {
    case 'empty':
      return ok('catalog', 'nothing was read yet');
    case 'unreadable':
      return fail('catalog', found.problem, {
        todo: 'bring back the snapshot of the volume, or move the folder away and read the logs again',
        kind: 'local',
      });
    case 'readable':
      if (found.version === found.expected) return ok('catalog', `version ${found.version}`);
      return fail('catalog', `version ${found.version}; this bucketwatch reads ${found.expected}`, {
        todo: 'use the version of bucketwatch that wrote it, or another --data-dir',
        kind: 'config',
      });
  }
}
