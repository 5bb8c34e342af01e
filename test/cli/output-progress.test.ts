import { describe, expect, it } from 'vitest';
import { createProgress, type ProgressCounts } from '../../cli/output/progress.js';

const counts: ProgressCounts = {
  objects: 1204,
  objectsTotal: 2880,
  bytes: 250e6,
  bytesTotal: 1000e6,
  rows: 1234567,
  rejected: 3,
};

function setUp({ columns = 120, isTTY = true, label = 'ingest' } = {}) {
  const written: string[] = [];
  let time = 1000;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const progress = createProgress({ stream, now: () => time, label });
  return { progress, written, wait: (ms: number) => (time += ms) };
}

describe('the progress line', () => {
  it('says objects, share, time left, speed, rows, rejects and bytes', () => {
    const { progress, written, wait } = setUp();
    wait(1000);
    progress.update(counts);
    expect(written).toEqual([
      '\r\x1b[2Kingest  1,204/2,880 objects · 25% · 3.0 s left · 250 MB/s · 1,234,567 rows · 3 rejected · 250 MB',
    ]);
  });

  it('says nothing of totals that are not known and of rejects that are not there', () => {
    const { progress, written, wait } = setUp();
    wait(1000);
    progress.update({ ...counts, objectsTotal: null, bytesTotal: null, rejected: 0 });
    expect(written[0]).toContain('1,204 objects · 250 MB/s · 1,234,567 rows · 250 MB');
  });

  it('writes nothing when stderr is not a terminal', () => {
    const { progress, written, wait } = setUp({ isTTY: false });
    wait(1000);
    progress.update(counts);
    progress.clear();
    expect(written).toEqual([]);
  });

  it('draws at most ten times a second', () => {
    const { progress, written, wait } = setUp();
    for (let step = 0; step < 1000; step++) {
      progress.update(counts);
      wait(1);
    }
    expect(written).toHaveLength(10);
  });

  it('clears itself, and only when something is shown', () => {
    const { progress, written } = setUp();
    progress.clear();
    progress.update(counts);
    progress.clear();
    progress.clear();
    expect(written.slice(1)).toEqual(['\r\x1b[2K']);
  });

  it('draws at once again after it was cleared', () => {
    const { progress, written } = setUp();
    progress.update(counts);
    progress.clear();
    progress.update(counts);
    expect(written).toHaveLength(3);
  });

  it('takes the speed of the last seconds, not of the start', () => {
    const { progress, written, wait } = setUp();
    for (let second = 1; second <= 20; second++) {
      wait(1000);
      progress.update({ ...counts, bytes: second <= 10 ? second * 90e6 : 900e6 + (second - 10) * 1e6 });
    }
    expect(written.at(-1)).toContain(' 1.0 MB/s');
  });

  it.each([10, 30, 50, 80])('stays below %i columns', (columns) => {
    const { progress, written, wait } = setUp({ columns });
    wait(500);
    progress.update(counts);
    expect(written[0]!.replace('\r\x1b[2K', '').length).toBeLessThan(columns);
  });

  it('keeps a hostile label harmless', () => {
    const { progress, written } = setUp({ label: '\x1b[2Jx' });
    progress.update(counts);
    expect(written[0]).toContain('\\x1b[2Jx');
  });
});
