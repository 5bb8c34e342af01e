/** What went wrong between us and AWS, told apart by what to do about it. */

/**
 * `credentials`: none, wrong or expired · `forbidden`: a permission is missing · `missing`: the thing does not exist ·
 * `rejected`: the request itself is wrong and will stay wrong · `throttled` and `unreachable`: try again later ·
 * `cancelled`: we gave up on purpose.
 */
export type AwsFailureKind =
  | 'credentials'
  | 'forbidden'
  | 'missing'
  | 'rejected'
  | 'throttled'
  | 'unreachable'
  | 'cancelled';

export interface AwsFailure {
  readonly kind: AwsFailureKind;
  /** The service's name of the error, such as `AccessDenied`, or that of the operating system. */
  readonly name: string;
  /** 0 when there was no answer. */
  readonly status: number;
  /** Null when there was no answer. */
  readonly requestId: string | null;
  /** One line. May quote names of the request; never keys or tokens. */
  readonly message: string;
}

const byName: Readonly<Record<string, AwsFailureKind>> = {
  CredentialsProviderError: 'credentials',
  TokenProviderError: 'credentials',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  InvalidAccessKeyId: 'credentials',
  InvalidClientTokenId: 'credentials',
  InvalidToken: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  UnrecognizedClientException: 'credentials',
  // The JSON protocols refuse with status 400.
  AccessDenied: 'forbidden',
  AccessDeniedException: 'forbidden',
  KMSAccessDenied: 'forbidden',
  KMSAccessDeniedException: 'forbidden',
  NotAuthorized: 'forbidden',
  AuthorizationError: 'forbidden',
  AuthorizationErrorException: 'forbidden',
  // The SDK corrects its clock by this answer, so the next request succeeds.
  RequestTimeTooSkewed: 'unreachable',
  NotAuthorizedForSourceException: 'forbidden',
  // SNS answers these about the key of an encrypted topic with 400; none of them is the fault of a message.
  KMSOptInRequired: 'forbidden',
  KMSNotFound: 'missing',
  KMSNotFoundException: 'missing',
  KMSDisabled: 'unreachable',
  KMSDisabledException: 'unreachable',
  KMSInvalidState: 'unreachable',
  KMSInvalidStateException: 'unreachable',
  KMSThrottling: 'throttled',
  KMSThrottlingException: 'throttled',
  NotFound: 'missing',
  NotFoundException: 'missing',
  ResourceNotFoundException: 'missing',
  InternalError: 'unreachable',
  InternalFailure: 'unreachable',
  InternalException: 'unreachable',
  ServiceUnavailable: 'unreachable',
  SlowDown: 'throttled',
  Throttled: 'throttled',
  ThrottledException: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  AbortError: 'cancelled',
  TimeoutError: 'unreachable',
};

interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** Whether the same request may succeed a little later. */
export function isTransient({ kind }: AwsFailure): boolean {
  return kind === 'throttled' || kind === 'unreachable';
}

/** Reads an error that the SDK threw, or the stream of a body. */
export function awsFailure(error: unknown): AwsFailure {
  const { name = 'Error', code, message = String(error), $metadata = {} } = (error ?? {}) as ServiceError;
  const status = $metadata.httpStatusCode ?? 0;
  // Errors of the network carry the operating system's code, such as ECONNRESET; those of a service have a name.
  const known = code !== undefined && name === 'Error' ? code : name;
  return {
    kind: byName[known] ?? kindByStatus(status),
    name: known,
    status,
    requestId: $metadata.requestId ?? null,
    message: message.split('\n')[0]!,
  };
}

function kindByStatus(status: number): AwsFailureKind {
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 429) return 'throttled';
  if (status >= 400 && status < 500) return 'rejected';
  return 'unreachable';
}
