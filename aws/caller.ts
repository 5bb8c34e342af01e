/** Who we are to AWS. */
import { clientSettings, type AwsAccess } from './access.js';

/**
 * The ARN that the logs show for requests with this access, `assumed-role` sessions as such; null when STS does not say. Needs
 * no permission. A user agent would be no proof: anybody can send ours.
 */
export async function callerArn(access: AwsAccess): Promise<string | null> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = new STSClient(await clientSettings(access, { maxAttempts: 2 }));
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    return Arn ?? null;
  } catch {
    // The answer is only used to stay quiet about ourselves; whatever else is wrong shows where logs are read.
    return null;
  } finally {
    client.destroy();
  }
}
