/**
 * GuardDuty's finding types about S3 and the detectors here that see the same, for docs/detectors.md. Types and severities:
 * https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-s3.html (2026-11) and its neighbours.
 */

export interface GuardDutyType {
  readonly type: string;
  /** As GuardDuty has it. */
  readonly severity: 'Critical' | 'High' | 'Medium' | 'Low';
  /** The logs that GuardDuty reads for it. */
  readonly source: 'data events' | 'management events' | 'both';
  /** At least one; each by itself or all together see what the type sees. */
  readonly detectors: readonly string[];
  /** What is different here; '' when nothing is worth saying. */
  readonly remark: string;
}

const s3Types: readonly GuardDutyType[] = [
  row('Discovery:S3/AnomalousBehavior', 'Low', ['object-listing-anomaly', 'bucket-enumeration-by-source']),
  row('Discovery:S3/MaliciousIPCaller', 'High', ['threat-intel-ip-access'], 'factor `step: DISCOVERY`; the feed is yours'),
  row('Discovery:S3/MaliciousIPCaller.Custom', 'High', ['custom-threat-list-ip-access'], 'factor `step: DISCOVERY`'),
  row('Discovery:S3/TorIPCaller', 'Medium', ['tor-exit-node-access'], 'the list of exit nodes is yours'),
  row('Exfiltration:S3/AnomalousBehavior', 'High', [
    'exfiltration-volume-anomaly',
    'exfiltration-object-count-anomaly',
    'multi-bucket-read-sweep',
  ]),
  row('Exfiltration:S3/MaliciousIPCaller', 'High', ['threat-intel-ip-access'], 'factor `step: EXFILTRATION`'),
  row('Impact:S3/AnomalousBehavior.Delete', 'High', ['delete-anomaly', 'mass-object-delete', 'object-version-purge']),
  row('Impact:S3/AnomalousBehavior.Permission', 'High', ['permission-change-anomaly', 'object-acl-public']),
  row('Impact:S3/AnomalousBehavior.Write', 'Medium', ['write-anomaly', 'in-place-overwrite-burst']),
  row('Impact:S3/MaliciousIPCaller', 'High', ['threat-intel-ip-access'], 'factor `step: IMPACT`'),
  row('PenTest:S3/KaliLinux', 'Medium', ['pentest-distro-user-agent'], 'factor `client: KALI`'),
  row('PenTest:S3/ParrotLinux', 'Medium', ['pentest-distro-user-agent'], 'factor `client: PARROT`'),
  row('PenTest:S3/PentooLinux', 'Medium', ['pentest-distro-user-agent'], 'factor `client: PENTOO`'),
  managementRow('Policy:S3/AccountBlockPublicAccessDisabled', 'Low', ['block-public-access-account-disabled']),
  managementRow('Policy:S3/BucketAnonymousAccessGranted', 'High', [
    'bucket-policy-public-anonymous',
    'bucket-acl-public-anonymous',
    'access-point-policy-public',
  ]),
  managementRow('Policy:S3/BucketBlockPublicAccessDisabled', 'Low', ['block-public-access-bucket-disabled']),
  managementRow('Policy:S3/BucketPublicAccessGranted', 'High', [
    'bucket-policy-public-authenticated',
    'bucket-acl-authenticated-users',
  ]),
  managementRow('Stealth:S3/ServerAccessLoggingDisabled', 'Low', [
    'server-access-logging-disabled',
    'server-access-logging-redirected',
  ]),
  row('UnauthorizedAccess:S3/MaliciousIPCaller.Custom', 'High', ['custom-threat-list-ip-access']),
  row('UnauthorizedAccess:S3/TorIPCaller', 'High', ['tor-exit-node-access']),
  {
    type: 'AttackSequence:S3/CompromisedData',
    severity: 'Critical',
    source: 'both',
    detectors: ['attack-sequence-data-compromise', 'ransomware-sequence', 'exfiltration-then-deletion'],
    remark: '',
  },
];

/** Types of other families that concern S3, KMS or the trail. */
const neighbourTypes: readonly GuardDutyType[] = [
  managementRow('Policy:IAMUser/RootCredentialUsage', 'Low', ['root-user-s3-activity'], 'for S3, KMS and CloudTrail'),
  managementRow('Recon:IAMUser/TorIPCaller', 'Medium', ['tor-exit-node-access'], 'for S3, KMS and CloudTrail'),
  managementRow('Stealth:IAMUser/CloudTrailLoggingDisabled', 'Low', ['trail-logging-stopped', 'trail-deleted']),
  managementRow(
    'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
    'High',
    ['instance-credentials-outside-aws'],
    'for requests to S3, KMS and CloudTrail',
  ),
  managementRow('UnauthorizedAccess:IAMUser/TorIPCaller', 'Medium', ['tor-exit-node-access'], 'for S3, KMS and CloudTrail'),
];

/** In the order of the table. `Object:S3/MaliciousFile` scans the content of objects and is not among them. */
export const guardDutyTypes: readonly GuardDutyType[] = [...s3Types, ...neighbourTypes];

function row(
  type: string,
  severity: GuardDutyType['severity'],
  detectors: readonly string[],
  remark = '',
): GuardDutyType {
  return { type, severity, source: 'data events', detectors, remark };
}

function managementRow(
  type: string,
  severity: GuardDutyType['severity'],
  detectors: readonly string[],
  remark = '',
): GuardDutyType {
  return { type, severity, source: 'management events', detectors, remark };
}
