/** `bucketwatch detectors test`: runs the cases of a folder of detectors, as ours are tested. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError, exitCodes } from '../../config/app-error.js';
import { ownDetectors } from '../../detectors/available.js';
import type { Detector } from '../../detectors/format/detector.js';
import { shippedDetectors } from '../../detectors/shipped.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { runCase } from '../../fixtures/cases/run-case.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { formatCounted } from '../output/number-format.js';
import { toRowStream } from '../output/rows.js';
import { printRows, type RowOutputOptions } from '../row-output.js';

/** One line of the result: a case, or a detector or file that is wrong by itself. */
type Row = readonly [result: 'pass' | 'fail', detector: string, testCase: string, problem: string];

/** Folder of the cases, beside the families. */
const casesFolder = 'cases';

export async function testDetectorsCommand(
  context: CommandContext,
  folder: string,
  options: CommonOptions & RowOutputOptions,
): Promise<number> {
  const root = path.resolve(context.cwd, folder);
  const { detectors, problems } = ownDetectors(root);
  const rows: Row[] = problems.map((problem) => ['fail', '', '', problem.replace(`${root}/`, '')]);
  if (detectors.length === 0 && problems.length === 0)
    throw new AppError('name-unknown', `${folder}: holds no detector; expected <family>/<id>.sql in it`);
  const known = [...shippedDetectors().filter(({ id }) => detectors.every((own) => own.id !== id)), ...detectors];
  rows.push(...strayCases(root, detectors));
  const bench = await CaseBench.open();
  try {
    for (const detector of detectors) rows.push(...(await testDetector(bench, { root, detector, known })));
  } finally {
    bench.close();
  }
  const columns = ['result', 'detector', 'case', 'problem'].map((name) => ({ name, type: 'text' as const }));
  await printRows(
    context,
    toRowStream({ columns, rows: rows.map((row) => row.map((cell) => (cell === '' ? null : cell))) }),
    options,
  );
  const failed = rows.filter(([result]) => result === 'fail').length;
  if (failed > 0)
    throw new AppError(
      'detector-invalid',
      `${formatCounted(failed, 'failure')} in ${formatCounted(rows.length, 'check')}`,
    );
  return exitCodes.done;
}

interface Tested {
  readonly root: string;
  readonly detector: Detector;
  /** Those that signals of a case may name. */
  readonly known: readonly Detector[];
}

async function testDetector(bench: CaseBench, { root, detector, known }: Tested): Promise<Row[]> {
  const { id } = detector;
  const folder = path.join(root, casesFolder, id);
  const names = yamlFiles(folder);
  const rows: Row[] = ['fires-', 'quiet-']
    .filter((kind) => !names.some((name) => name.startsWith(kind)))
    .map((kind) => ['fail', id, '', `has no case; expected ${casesFolder}/${id}/${kind}<what>.yaml`]);
  if (shippedDetectors().some((shipped) => shipped.id === id))
    rows.push([
      'fail',
      id,
      '',
      `has the id of a detector of bucketwatch; expected one of your own, such as acme-${id}`,
    ]);
  for (const name of names) rows.push(await testCase(bench, { file: path.join(folder, name), detector, known }));
  return rows;
}

async function testCase(
  bench: CaseBench,
  { file, detector, known }: { file: string; detector: Detector; known: readonly Detector[] },
): Promise<Row> {
  const name = path.basename(file);
  if (!/^(fires|quiet)-/.test(name)) return ['fail', detector.id, name, 'is neither; expected fires-… or quiet-…'];
  try {
    const { problems } = await runCase(bench, file, detector, known);
    return [problems.length === 0 ? 'pass' : 'fail', detector.id, name, problems.join('; ')];
  } catch (error) {
    return ['fail', detector.id, name, error instanceof Error ? error.message : String(error)];
  }
}

/** Folders of cases that belong to no detector: a mistake in a name would make their cases pass unseen. */
function strayCases(root: string, detectors: readonly Detector[]): Row[] {
  const folder = path.join(root, casesFolder);
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && detectors.every(({ id }) => id !== entry.name))
    .map(({ name }) => ['fail', '', `${casesFolder}/${name}`, 'belongs to no detector of the folder']);
}

function yamlFiles(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
}
