/** Every finding type of GuardDuty about S3 has a detector here, and the table that says so names none that is not there. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { shippedDetectors } from '../../detectors/shipped.js';
import { guardDutyTypes } from '../../docs/guardduty.js';
import { packageRoot } from '../../store/sql-files.js';

/** https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html, resource type S3, 2026-11. */
const activeTypes = `
AttackSequence:S3/CompromisedData
Discovery:S3/AnomalousBehavior
Discovery:S3/MaliciousIPCaller
Discovery:S3/MaliciousIPCaller.Custom
Discovery:S3/TorIPCaller
Exfiltration:S3/AnomalousBehavior
Exfiltration:S3/MaliciousIPCaller
Impact:S3/AnomalousBehavior.Delete
Impact:S3/AnomalousBehavior.Permission
Impact:S3/AnomalousBehavior.Write
Impact:S3/MaliciousIPCaller
Object:S3/MaliciousFile
PenTest:S3/KaliLinux
PenTest:S3/ParrotLinux
PenTest:S3/PentooLinux
Policy:S3/AccountBlockPublicAccessDisabled
Policy:S3/BucketAnonymousAccessGranted
Policy:S3/BucketBlockPublicAccessDisabled
Policy:S3/BucketPublicAccessGranted
Stealth:S3/ServerAccessLoggingDisabled
UnauthorizedAccess:S3/MaliciousIPCaller.Custom
UnauthorizedAccess:S3/TorIPCaller`
  .trim()
  .split('\n');

/** It scans the content of objects, which no log shows. */
const outOfScope = 'Object:S3/MaliciousFile';
const page = fs.readFileSync(path.join(packageRoot, 'docs/detectors.md'), 'utf8');

describe('GuardDuty', () => {
  test.each(activeTypes.filter((type) => type !== outOfScope))(
    'finds nothing as %s that no detector here sees',
    (type) => {
      const covered = guardDutyTypes.find((each) => each.type === type);
      expect(covered?.detectors.length).toBeGreaterThan(0);
      expect(page).toContain(`| \`${type}\` |`);
    },
  );

  test('has no type about S3 in the table that it does not have', () => {
    const s3 = guardDutyTypes.map(({ type }) => type).filter((type) => type.includes(':S3/'));
    expect(s3.filter((type) => !activeTypes.includes(type))).toEqual([]);
    expect(new Set(s3).size).toBe(s3.length);
  });

  test('is compared with detectors that exist and run by default', () => {
    const running = shippedDetectors()
      .filter(({ enabled }) => enabled)
      .map(({ id }) => id);
    const named = guardDutyTypes.flatMap(({ detectors }) => detectors);
    expect(named.filter((id) => !running.includes(id))).toEqual([]);
  });

  test('is told apart by the factors that the remarks name', () => {
    const factors = guardDutyTypes.flatMap(({ detectors, remark }) =>
      Array.from(remark.matchAll(/`([a-z]+): ([A-Z]+)`/g), ([, name, value]) => ({ name, value, detectors })),
    );
    expect(factors.length).toBeGreaterThan(5);
    for (const { name, value, detectors } of factors) {
      const queries = shippedDetectors().filter(({ id }) => detectors.includes(id));
      for (const { query } of queries)
        expect(query.includes(`'${name}: ${value}'`) || query.includes(`'${name}: ' || upper(`)).toBe(true);
    }
  });
});
