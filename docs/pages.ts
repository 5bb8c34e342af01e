/** All derived documentation: what `npm run docs` writes and a test compares with what is committed. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { renderDetectorPage } from '../detectors/format/detector-page.js';
import { shippedDetectors } from '../detectors/shipped.js';
import { openReader } from '../store/reader.js';
import { cliPage } from './cli-page.js';
import { configPage } from './config-page.js';
import { dataQualityPage } from './data-quality-page.js';
import { detectorsPage } from './detectors-page.js';
import { createEmptyLake } from './empty-lake.js';
import { errorsPage } from './errors-page.js';
import { previewPage } from './preview-page.js';
import { queriesPage } from './queries-page.js';
import { tablesPage } from './tables-page.js';

/** Texts by path from the root of the package. The same code gives the same bytes, on every machine. */
export async function documentationPages(): Promise<ReadonlyMap<string, string>> {
  const detectors = shippedDetectors();
  return new Map([
    ['docs/cli.md', cliPage()],
    ['docs/config.md', configPage()],
    ['docs/data-quality.md', dataQualityPage()],
    ['docs/detectors.md', detectorsPage(detectors)],
    ['docs/errors.md', errorsPage()],
    ['docs/preview.md', previewPage()],
    ['docs/queries.md', queriesPage()],
    ['docs/tables.md', await withEmptyLake(tablesPage)],
    ...detectors.map((detector) => [`docs/detectors/${detector.id}.md`, renderDetectorPage(detector)] as const),
  ]);
}

type Connection = Awaited<ReturnType<typeof openReader>>['connection'];

async function withEmptyLake<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bucketwatch-docs-'));
  try {
    const reader = await openReader({ dataDir: await createEmptyLake(folder), threads: 1, memoryBytes: 256e6 });
    try {
      return await work(reader.connection);
    } finally {
      reader.close();
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
