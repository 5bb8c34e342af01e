/**
 * What every client of the AWS SDK is made with: Region, credentials, endpoint and limits. Clients are made when they are
 * first used, so that commands without AWS load none of the SDK. Keys never come from our config: the SDK's own chain finds them.
 */
import type { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { NodeHttpHandlerOptions } from '@smithy/node-http-handler';

type CredentialProvider = ReturnType<typeof fromTemporaryCredentials>;

/** Who asks, and where. */
export interface AwsAccess {
  /** Null asks the environment. */
  readonly region: string | null;
  /** Role to assume; null uses the credentials of the environment. */
  readonly roleArn: string | null;
  readonly externalId: string | null;
}

/** Constructor arguments that all clients share. */
export interface ClientSettings {
  readonly region?: string;
  readonly credentials?: CredentialProvider;
  readonly userAgentAppId: string;
  readonly maxAttempts: number;
  readonly requestHandler: NodeHttpHandlerOptions;
}

/** Shown in CloudTrail's `userAgent`; our own reads are recognised by it. */
export const userAgentAppId = 'bucketwatch';

/** The variables in which a custom endpoint of a service may stand, the more specific one first. */
export function customEndpoint(service: string, env: NodeJS.ProcessEnv = process.env): string | null {
  return env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env['AWS_ENDPOINT_URL'] ?? null;
}

/** Settings for any client. `sockets` bounds the requests in flight; `maxAttempts` is 1 for callers that repeat by themselves. */
export async function clientSettings(
  { region, roleArn, externalId }: AwsAccess,
  { sockets = 16, maxAttempts = 5 }: { readonly sockets?: number; readonly maxAttempts?: number } = {},
): Promise<ClientSettings> {
  // The versions are pinned, so the notice that later ones need a newer Node.js tells the user nothing.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const credentials = roleArn === null ? {} : { credentials: await assumedRole({ region, roleArn, externalId }) };
  return {
    ...(region === null ? {} : { region }),
    ...credentials,
    userAgentAppId,
    maxAttempts,
    requestHandler: {
      connectionTimeout: 5000,
      requestTimeout: 30_000,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: sockets, keepAlive: true },
      httpsAgent: { maxSockets: sockets, keepAlive: true },
    },
  };
}

async function assumedRole({
  region,
  roleArn,
  externalId,
}: AwsAccess & { readonly roleArn: string }): Promise<CredentialProvider> {
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  return fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: userAgentAppId,
      ...(externalId === null ? {} : { ExternalId: externalId }),
    },
    clientConfig: { ...(region === null ? {} : { region }), userAgentAppId },
  });
}
