/** `bucketwatch compact`: merges the small files of the lake. */
import { exitCodes } from '../../config/app-error.js';
import type { Compacted } from '../../store/compaction.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { formatBytes, formatCounted } from '../output/number-format.js';
import { withRun } from '../run-session.js';

/** Two files are enough for who asks for it. */
const mergeAfter = 2;

export async function compactCommand(
  context: CommandContext,
  options: CommonOptions & { readonly json?: boolean },
): Promise<number> {
  return withRun(context, options, {
    command: 'compact',
    work: async ({ store, notes }) => {
      const compacted = await store.compact(mergeAfter, context.signal);
      if (options.json === true) {
        context.stdout.write(
          `${JSON.stringify({
            run_id: store.runId,
            files_before: compacted.filesBefore,
            files_after: compacted.filesAfter,
            bytes_before: compacted.bytesBefore,
            bytes_after: compacted.bytesAfter,
            seconds: (context.now() - store.startedAtMs) / 1000,
          })}\n`,
        );
      } else notes.note('compacted', compactedText(compacted), { ...compacted });
      return exitCodes.done;
    },
  });
}

function compactedText({ filesBefore, filesAfter, bytesBefore, bytesAfter }: Compacted): string {
  if (filesBefore === 0) return 'no files to merge';
  return `merged ${formatCounted(filesBefore, 'file')} (${formatBytes(bytesBefore)}) into ${formatCounted(filesAfter, 'file')} (${formatBytes(bytesAfter)})`;
}
