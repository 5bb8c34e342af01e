/**
 * A finding or digest as an OCSF Detection Finding: class 2004 of schema 1.8.0 with the profile `cloud`
 * (https://schema.ocsf.io/1.8.0/classes/detection_finding). Times are milliseconds since 1970.
 */
import type { Severity } from '../../config/severity.js';
import { isDigest, type Digest } from '../digest.js';
import type { Finding, FindingEvidence, FindingState } from '../finding.js';
import { findingResources, partitionOf } from './finding-resources.js';

const schemaVersion = '1.8.0';
/** The version of ATT&CK that detectors name techniques of. */
const attackVersion = '18.1';

const severityIds: Readonly<Record<Severity, { readonly id: number; readonly name: string }>> = {
  info: { id: 1, name: 'Informational' },
  low: { id: 2, name: 'Low' },
  medium: { id: 3, name: 'Medium' },
  high: { id: 4, name: 'High' },
  critical: { id: 5, name: 'Critical' },
};

const activities = { create: [1, 'Create'], update: [2, 'Update'], close: [3, 'Close'] } as const;
const statuses = {
  new: [1, 'New'],
  progress: [2, 'In Progress'],
  suppressed: [3, 'Suppressed'],
  resolved: [4, 'Resolved'],
} as const;

const states: Readonly<Record<FindingState, readonly [keyof typeof activities, keyof typeof statuses]>> = {
  open: ['create', 'new'],
  updated: ['update', 'new'],
  acknowledged: ['update', 'progress'],
  closed: ['close', 'resolved'],
  suppressed: ['update', 'suppressed'],
};

export function ocsfEvent(content: Finding | Digest): object {
  return isDigest(content) ? digestEvent(content) : findingEvent(content);
}

function findingEvent(finding: Finding): object {
  const { id, description, account_id, region, event_count } = finding;
  return {
    ...head(finding, finding.state),
    start_time: ms(finding.first_event_at),
    end_time: ms(finding.last_event_at),
    count: event_count,
    message: description,
    metadata: metadata(id),
    finding_info: findingInfo(finding),
    cloud: {
      provider: 'AWS',
      ...(region === null ? {} : { region }),
      ...(account_id === null ? {} : { account: { uid: account_id, type_id: 10, type: 'AWS Account' } }),
    },
    evidences: evidences(finding),
    resources: findingResources(finding).map(({ type, arn, name }) => ({
      type,
      uid: arn,
      name,
      ...(region === null ? {} : { region }),
      cloud_partition: partitionOf(region),
    })),
    observables: observables(finding),
    remediation: { desc: finding.next_steps.join('\n') },
    unmapped: {
      run_id: finding.run_id,
      query: finding.query,
      baseline: finding.baseline,
      detector_version: finding.detector_version,
    },
  };
}

/** A digest stands for many findings of a run; its query lists them. */
function digestEvent(digest: Digest): object {
  const { id, title, created_at, finding_count } = digest;
  return {
    ...head(digest, 'open'),
    count: finding_count,
    message: title,
    metadata: metadata(id),
    finding_info: {
      uid: id,
      title,
      created_time: ms(created_at),
      analytic: { uid: 'bucketwatch.digest', name: 'digest of a run', type_id: 1, type: 'Rule' },
    },
    cloud: { provider: 'AWS' },
    unmapped: { run_id: digest.run_id, query: digest.query, detectors: digest.detectors },
  };
}

function head({ severity, created_at }: Pick<Finding, 'severity' | 'created_at'>, state: FindingState): object {
  const [activity, status] = states[state];
  const [activityId, activityName] = activities[activity];
  const [statusId, statusName] = statuses[status];
  return {
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2004,
    class_name: 'Detection Finding',
    activity_id: activityId,
    activity_name: activityName,
    type_uid: 200_400 + activityId,
    type_name: `Detection Finding: ${activityName}`,
    severity_id: severityIds[severity].id,
    severity: severityIds[severity].name,
    status_id: statusId,
    status: statusName,
    is_alert: true,
    time: ms(created_at),
  };
}

function metadata(uid: string): object {
  const product = { name: 'bucketwatch', vendor_name: 'bucketwatch', uid: 'bucketwatch' };
  return { version: schemaVersion, product, profiles: ['cloud'], uid };
}

function findingInfo(finding: Finding): object {
  const { dedupe_key, title, description, detector, detector_version, mitre } = finding;
  return {
    uid: dedupe_key,
    title,
    desc: description,
    created_time: ms(finding.created_at),
    modified_time: ms(finding.updated_at),
    first_seen_time: ms(finding.first_event_at),
    last_seen_time: ms(finding.last_event_at),
    analytic: { uid: detector, name: title, version: String(detector_version), type_id: 1, type: 'Rule' },
    ...(mitre.length === 0 ? {} : { attacks: mitre.map((id) => attack(id)) }),
  };
}

/** `T1562.008` is a sub-technique of `T1562`. */
function attack(id: string): object {
  const [technique] = id.split('.');
  return {
    version: attackVersion,
    technique: { uid: technique },
    ...(technique === id ? {} : { sub_technique: { uid: id } }),
  };
}

/** Who and from where stands in every row, because a finding is about one of each. */
function evidences(finding: Finding): object[] {
  const { principal, source_ip, user_agent } = finding;
  const identity = {
    ...(principal === null ? {} : { actor: { user: { uid: principal } } }),
    ...(source_ip === null ? {} : { src_endpoint: sourceOf(source_ip) }),
    ...(user_agent === null ? {} : { http_request: { user_agent } }),
  };
  if (finding.evidence.length === 0) return Object.keys(identity).length === 0 ? [] : [identity];
  return finding.evidence.map((row) => ({ ...identity, ...evidenceOf(row) }));
}

/** AWS writes the name of a service where it was not an address that called. */
function sourceOf(source: string): object {
  return /^[\d.]+$|:/.test(source) ? { ip: source } : { svc_name: source };
}

function evidenceOf(row: FindingEvidence): object {
  const request = row.request_id === null ? {} : { request: { uid: row.request_id } };
  return { ...(row.action === null ? {} : { api: { operation: row.action, ...request } }), data: row };
}

/** What analysts pivot on; the numbers are OCSF's observable types. */
function observables({ principal, source_ip, user_agent, ...finding }: Finding): object[] {
  const isAddress = source_ip !== null && 'ip' in sourceOf(source_ip);
  return [
    ...(isAddress ? [{ name: 'evidences.src_endpoint.ip', type_id: 2, type: 'IP Address', value: source_ip }] : []),
    ...(principal === null
      ? []
      : [{ name: 'evidences.actor.user.uid', type_id: 4, type: 'User Name', value: principal }]),
    ...(user_agent === null
      ? []
      : [{ name: 'evidences.http_request.user_agent', type_id: 16, type: 'HTTP User-Agent', value: user_agent }]),
    ...findingResources({ ...finding, principal: null }).map(({ arn }) => ({
      name: 'resources.uid',
      type_id: 10,
      type: 'Resource UID',
      value: arn,
    })),
  ];
}

function ms(time: string): number {
  return Date.parse(time);
}
