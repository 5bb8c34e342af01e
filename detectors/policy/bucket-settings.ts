/** What PutBucketPublicAccessBlock, PutAccountPublicAccessBlock and PutBucketLogging set. */
import { firstText, flag, loggedObject } from './logged-shapes.js';

/** The four flags of Block Public Access; null is one that the request left out, which S3 takes as false. */
export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean | null;
  readonly ignorePublicAcls: boolean | null;
  readonly blockPublicPolicy: boolean | null;
  readonly restrictPublicBuckets: boolean | null;
  /** How many of the four are not true: 0 is full protection, 4 is none. */
  readonly weakFlags: number;
}

/**
 * The flags of requestParameters (object or JSON text), booleans or their text; `absent` when the configuration is not in the
 * record, so that nothing can be said (detector `policy-change-params-omitted`).
 */
export function evaluatePublicAccessBlock(requestParameters: unknown): PublicAccessBlock | 'absent' {
  const settings = loggedObject(loggedObject(requestParameters)?.['PublicAccessBlockConfiguration']);
  if (settings === null) return 'absent';
  const flags = {
    blockPublicAcls: flag(settings['BlockPublicAcls']),
    ignorePublicAcls: flag(settings['IgnorePublicAcls']),
    blockPublicPolicy: flag(settings['BlockPublicPolicy']),
    restrictPublicBuckets: flag(settings['RestrictPublicBuckets']),
  };
  return { ...flags, weakFlags: Object.values(flags).filter((value) => value !== true).length };
}

export interface LoggingStatus {
  /** Whether the request says anything about logging; without it nothing can be concluded. */
  readonly present: boolean;
  readonly enabled: boolean;
  /** Where the logs go; null when logging is off. */
  readonly targetBucket: string | null;
  /** The key prefix of the logs; null when logging is off or no prefix was given. */
  readonly targetPrefix: string | null;
}

/**
 * Server access logging as PutBucketLogging sets it. Off is BucketLoggingStatus without LoggingEnabled; the subresource marker
 * `logging: ""` stands in every such record, also of those that turn it on, and says nothing.
 */
export function loggingStatus(requestParameters: unknown): LoggingStatus {
  const request = loggedObject(requestParameters);
  const status = request?.['BucketLoggingStatus'];
  const target = loggedObject(loggedObject(status)?.['LoggingEnabled']);
  return {
    present: status !== undefined && status !== null,
    enabled: target !== null,
    targetBucket: firstText(target?.['TargetBucket']),
    targetPrefix: firstText(target?.['TargetPrefix']),
  };
}
