/**
 * OCSF 1.8.0, class 2004 "Detection Finding", as https://schema.ocsf.io/1.8.0/classes/detection_finding has it: the
 * required attributes, the numbers of the enumerations, and the attributes that the sink uses. Written from the schema and
 * not from the sink.
 */
import { z } from 'zod';

const timestamp = z.number().int().nonnegative();
const uid = z.string().min(1);

const analytic = z.strictObject({
  uid,
  name: z.string(),
  version: z.string().optional(),
  type_id: z.literal([0, 1, 2, 3, 4, 5, 6, 7, 8, 99]),
  type: z.string(),
});

const attack = z.strictObject({
  version: z.string(),
  technique: z.strictObject({ uid: z.string().regex(/^T\d{4}$/) }),
  sub_technique: z.strictObject({ uid: z.string().regex(/^T\d{4}\.\d{3}$/) }).optional(),
});

/** Only one of its attributes must be there. */
const evidence = z
  .strictObject({
    actor: z.strictObject({ user: z.strictObject({ uid: z.string() }) }).optional(),
    src_endpoint: z.strictObject({ ip: z.string().optional(), svc_name: z.string().optional() }).optional(),
    http_request: z.strictObject({ user_agent: z.string() }).optional(),
    api: z.strictObject({ operation: z.string(), request: z.strictObject({ uid: z.string() }).optional() }).optional(),
    data: z.unknown().optional(),
  })
  .refine((object) => Object.keys(object).length > 0);

const resource = z.strictObject({
  type: z.string(),
  uid: z.string(),
  name: z.string(),
  region: z.string().optional(),
  cloud_partition: z.enum(['aws', 'aws-cn', 'aws-us-gov']),
});

const observable = z.strictObject({
  name: z.string().min(1),
  type_id: z.number().int().min(0),
  type: z.string(),
  value: z.string(),
});

export const detectionFinding = z
  .strictObject({
    activity_id: z.literal([1, 2, 3]),
    activity_name: z.enum(['Create', 'Update', 'Close']),
    category_uid: z.literal(2),
    category_name: z.literal('Findings'),
    class_uid: z.literal(2004),
    class_name: z.literal('Detection Finding'),
    type_uid: z.literal([200401, 200402, 200403]),
    type_name: z.string(),
    severity_id: z.literal([1, 2, 3, 4, 5]),
    severity: z.enum(['Informational', 'Low', 'Medium', 'High', 'Critical']),
    status_id: z.literal([1, 2, 3, 4]),
    status: z.enum(['New', 'In Progress', 'Suppressed', 'Resolved']),
    is_alert: z.boolean(),
    time: timestamp,
    start_time: timestamp.optional(),
    end_time: timestamp.optional(),
    count: z.number().int().nonnegative(),
    message: z.string(),
    metadata: z.strictObject({
      version: z.literal('1.8.0'),
      product: z.strictObject({ name: z.string(), vendor_name: z.string(), uid: z.string() }),
      profiles: z.tuple([z.literal('cloud')]),
      uid,
    }),
    finding_info: z.strictObject({
      uid,
      title: z.string(),
      desc: z.string().optional(),
      created_time: timestamp,
      modified_time: timestamp.optional(),
      first_seen_time: timestamp.optional(),
      last_seen_time: timestamp.optional(),
      analytic,
      attacks: z.array(attack).min(1).optional(),
    }),
    cloud: z.strictObject({
      provider: z.literal('AWS'),
      region: z.string().optional(),
      account: z.strictObject({ uid: z.string(), type_id: z.literal(10), type: z.literal('AWS Account') }).optional(),
    }),
    evidences: z.array(evidence).optional(),
    resources: z.array(resource).optional(),
    observables: z.array(observable).optional(),
    remediation: z.strictObject({ desc: z.string() }).optional(),
    unmapped: z.record(z.string(), z.unknown()),
  })
  .refine(({ type_uid, class_uid, activity_id }) => type_uid === class_uid * 100 + activity_id);
