/**
 * The sink for AWS Security Hub: findings by BatchImportFindings, updated in place and archived when they are closed. A
 * digest is no security finding and is not sent; no storm makes one for this sink, which gets every finding instead.
 */
import type { AwsSecurityFinding, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { clientSettings } from '../../aws/access.js';
import { awsFailure, type AwsFailure } from '../../aws/failure.js';
import { AppError, type ErrorCode } from '../../config/app-error.js';
import type { SinkOf } from '../../config/sink-schema.js';
import { isDigest } from '../digest.js';
import type { Finding } from '../finding.js';
import type { Alert } from '../outbox.js';
import { asffFinding, type AsffImporter } from './asff-finding.js';
import type { Sink, Undelivered } from './sink.js';

/** Findings of one request. */
const maxFindings = 100;

export interface SecurityHubOptions {
  readonly name: string;
  readonly config: Pick<SinkOf<'securityhub'>, 'region' | 'roleArn'>;
}

interface Connection {
  readonly client: SecurityHubClient;
  readonly importer: AsffImporter;
}

export function securityHubSink({ name, config }: SecurityHubOptions): Sink {
  let connection: Promise<Connection> | null = null;
  const connected = (): Promise<Connection> => {
    connection ??= connect(config).catch((error: unknown) => {
      connection = null;
      throw error;
    });
    return connection;
  };
  return {
    name,
    async send(alerts) {
      const undelivered: Undelivered[] = [];
      let isAnyTaken = false;
      for (const batch of requestsOf(alerts)) {
        try {
          undelivered.push(...(await importBatch(await connected(), batch)));
          isAnyTaken = true;
        } catch (error) {
          const failure = awsFailure(error);
          if (!isAnyTaken && failure.kind !== 'rejected') throw sinkError(name, failure);
          const isPermanent = failure.kind === 'rejected';
          undelivered.push(...batch.map(({ alert }) => ({ alert, error: errorText(name, failure), isPermanent })));
        }
      }
      return undelivered;
    },
  };
}

/** A finding and the alert that brings it. */
interface Import {
  readonly alert: Alert;
  readonly finding: Finding;
}

/** In order and at most once a request, because Security Hub refuses an id that is there twice. */
function requestsOf(alerts: readonly Alert[]): Import[][] {
  const requests: Import[][] = [];
  let ids = new Set<string>();
  for (const alert of alerts) {
    const finding = alert.content;
    if (isDigest(finding)) continue;
    if (requests.length === 0 || requests.at(-1)!.length === maxFindings || ids.has(finding.id)) {
      requests.push([]);
      ids = new Set();
    }
    requests.at(-1)!.push({ alert, finding });
    ids.add(finding.id);
  }
  return requests;
}

async function connect({ region, roleArn }: SecurityHubOptions['config']): Promise<Connection> {
  const { SecurityHubClient } = await import('@aws-sdk/client-securityhub');
  const settings = await clientSettings({ region, roleArn, externalId: null });
  const client = new SecurityHubClient(settings);
  const accountId = roleArn === null ? await callerAccount(settings) : roleArn.split(':')[4]!;
  return { client, importer: { accountId, region: await client.config.region() } };
}

async function callerAccount(settings: Awaited<ReturnType<typeof clientSettings>>): Promise<string> {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts');
  const { Account } = await new STSClient(settings).send(new GetCallerIdentityCommand({}));
  return Account!;
}

async function importBatch({ client, importer }: Connection, batch: readonly Import[]): Promise<Undelivered[]> {
  const { BatchImportFindingsCommand } = await import('@aws-sdk/client-securityhub');
  const findings: AwsSecurityFinding[] = batch.map(({ finding }) => asffFinding(finding, importer));
  const { FailedFindings = [] } = await client.send(new BatchImportFindingsCommand({ Findings: findings }));
  return FailedFindings.flatMap(({ Id, ErrorCode = 'unknown', ErrorMessage = '' }) => {
    const failed = batch.find(({ finding }) => finding.id === Id);
    if (failed === undefined) return [];
    const isPermanent = !/internal|throttl|limit|unavailable|timeout/i.test(ErrorCode);
    return [{ alert: failed.alert, error: `${ErrorCode}: ${ErrorMessage}`, isPermanent }];
  });
}

const codes: Partial<Record<AwsFailure['kind'], ErrorCode>> = {
  credentials: 'credentials-missing',
  forbidden: 'sink-forbidden',
};

function sinkError(name: string, failure: AwsFailure): AppError {
  return new AppError(codes[failure.kind] ?? 'sink-unreachable', errorText(name, failure), {
    facts: { sink: name, error: failure.name, status: failure.status, request_id: failure.requestId },
  });
}

function errorText(name: string, { name: error, message }: AwsFailure): string {
  return `${name}: BatchImportFindings was answered with ${error} (${message}); expected Security Hub to be enabled and securityhub:BatchImportFindings to be allowed`;
}
