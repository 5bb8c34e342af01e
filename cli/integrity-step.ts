/** The check of CloudTrail's log files against its digests, after every ingest that came to its end. */
import type { Config } from '../config/load.js';
import { checkLogIntegrity } from '../ingest/log-integrity.js';
import { listTrailKeys, type ListTrailKeys } from '../ingest/trail-keys.js';
import { formatCount, formatCounted } from './output/number-format.js';
import type { RunSession } from './run-session.js';

/** Says what was verified, when there are digests at all. Keys that cannot be had leave signatures unchecked. */
export async function integrityStep({ config, store, notes }: RunSession): Promise<void> {
  const { keyFiles } = config.logIntegrity;
  const result = await checkLogIntegrity(store, { keyFiles, listKeys: listKeysOf(config) });
  for (const { region, error } of result.unlistedRegions)
    notes.warn(
      'keys-unlisted',
      `signatures of digests of ${region} stay unchecked: ${error}; allow cloudtrail:ListPublicKeys there, name a file in log_integrity.key_files, or set log_integrity.list_public_keys to false`,
      { region, error },
    );
  const { digests, signaturesVerified, files, filesVerified, problems } = result;
  if (digests === 0) return;
  const text = `${formatCounted(digests, 'digest')}, ${formatCount(signaturesVerified)} with a verified signature: ${formatCount(filesVerified)} of ${formatCounted(files, 'log file')} verified, ${formatCounted(problems, 'problem')}`;
  notes.note('integrity', problems > 0 ? `${text}: bucketwatch query "from integrity_problems"` : text, {
    digests,
    signatures_verified: signaturesVerified,
    files,
    files_verified: filesVerified,
    problems,
  });
}

/** The credentials of the first source in AWS: whoever may read digests is who may list keys. */
function listKeysOf({ logIntegrity, sources }: Config): ListTrailKeys | null {
  if (!logIntegrity.listPublicKeys) return null;
  const source = sources.find((candidate) => candidate.type !== 'local');
  return listTrailKeys({ roleArn: source?.roleArn ?? null, externalId: source?.externalId ?? null });
}
