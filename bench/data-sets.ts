/** The logs that are measured on: made by the generator when they are missing, kept for the next run. */
import fs from 'node:fs';
import path from 'node:path';
import { writeBenchAccess } from '../fixtures/generator/bench-access.js';
import { writeBenchCloudTrail } from '../fixtures/generator/bench-cloudtrail.js';

const firstDayMs = Date.UTC(2026, 9, 19);
/** The generator spreads access logs over so many days; each further part follows the one before. */
const daysOfPart = 4;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const filesOfPart = 20_000;
const bytesOfFile = 35_000;
const partsOfTenfold = 10;

/** Logs in one or more folders; `lines` counts lines or records, `bytes` those on disk. */
export interface DataSet {
  readonly name: DataSetName;
  readonly folders: readonly string[];
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
}

export type DataSetName = 'access-many' | 'access-tenfold' | 'access-day' | 'access-one' | 'cloudtrail';

type Part =
  | {
      readonly kind: 'access';
      readonly seed: number;
      readonly files: number;
      readonly bytesPerFile: number;
      readonly fromMs: number;
      /** Days that the files are spread over; 4 when left out. */
      readonly days?: number;
    }
  | {
      readonly kind: 'cloudtrail';
      readonly seed: number;
      readonly files: number;
      readonly bytes: number;
      readonly fromMs: number;
    };

/** 20,000 files with request ids and days of their own; the first is the data set `access-many`. */
function accessPart(index: number): Part {
  const fromMs = firstDayMs + index * daysOfPart * dayMs;
  return { kind: 'access', seed: index + 1, files: filesOfPart, bytesPerFile: bytesOfFile, fromMs };
}

const dataSets: Readonly<Record<DataSetName, Readonly<Record<string, Part>>>> = {
  'access-many': { 'access-many': accessPart(0) },
  'access-tenfold': Object.fromEntries(
    Array.from({ length: partsOfTenfold }, (_, index) => [
      index === 0 ? 'access-many' : `access-many-${index + 1}`,
      accessPart(index),
    ]),
  ),
  // About ten million requests of one day, a part an hour: a job that runs every hour reads them so.
  'access-day': Object.fromEntries(
    Array.from({ length: 24 }, (_, hour) => [
      `access-day-${String(hour).padStart(2, '0')}`,
      {
        kind: 'access',
        seed: 100 + hour,
        files: 833,
        bytesPerFile: 350_000,
        fromMs: firstDayMs + hour * hourMs,
        days: 1 / 24,
      },
    ]),
  ),
  'access-one': {
    'access-one': {
      kind: 'access',
      seed: 1,
      files: 1,
      bytesPerFile: filesOfPart * bytesOfFile,
      fromMs: firstDayMs,
      days: 1,
    },
  },
  cloudtrail: {
    cloudtrail: { kind: 'cloudtrail', seed: 1, files: 100, bytes: 400_000_000, fromMs: firstDayMs },
  },
};

interface Written {
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
}

/** Answers the data set, and makes those of its folders first that are missing or were not finished. */
export function prepareDataSet(root: string, name: DataSetName, tell: (text: string) => void): DataSet {
  const parts = Object.entries(dataSets[name]).map(([folder, part]) => {
    const logs = path.join(root, folder);
    return { logs, written: writtenBefore(logs, part) ?? generate(logs, part, tell) };
  });
  const total = (of: (written: Written) => number): number => parts.reduce((sum, { written }) => sum + of(written), 0);
  return {
    name,
    folders: parts.map(({ logs }) => logs),
    files: total(({ files }) => files),
    lines: total(({ lines }) => lines),
    bytes: total(({ bytes }) => bytes),
  };
}

/** The note beside a finished folder: what it was made of and what it holds. */
function noteOf(logs: string): string {
  return `${logs}.json`;
}

function writtenBefore(logs: string, part: Part): Written | null {
  if (!fs.existsSync(noteOf(logs))) return null;
  const note = JSON.parse(fs.readFileSync(noteOf(logs), 'utf8')) as { part: Part; written: Written };
  return JSON.stringify(note.part) === JSON.stringify(part) ? note.written : null;
}

function generate(logs: string, part: Part, tell: (text: string) => void): Written {
  tell(`generating ${logs}`);
  fs.rmSync(noteOf(logs), { force: true });
  fs.rmSync(logs, { recursive: true, force: true });
  const written =
    part.kind === 'access'
      ? writeBenchAccess({ ...part, out: logs, hostile: false })
      : writeBenchCloudTrail({ ...part, out: logs });
  fs.writeFileSync(noteOf(logs), JSON.stringify({ part, written }));
  return written;
}
