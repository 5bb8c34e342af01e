import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatCounted, formatDuration, formatRate } from '../../cli/output/number-format.js';

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [1_437_000_000, '1.4 GB'],
    [99_949, '99.9 KB'],
    [99_951, '100 KB'],
    [999_499, '999 KB'],
    [999_500, '1.0 MB'],
    [-1500, '-1.5 KB'],
    [2n ** 63n, '9.2 EB'],
    [10n ** 24n, '1000000 EB'],
  ])('%s bytes is %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  it.each([
    [0, '0 ms'],
    [850, '850 ms'],
    [999.7, '1.0 s'],
    [2345, '2.3 s'],
    [59_960, '1m 0s'],
    [252_000, '4m 12s'],
    [3_599_600, '1h 0m'],
    [11_100_000, '3h 5m'],
    [187_200_000, '2d 4h'],
    [-1500, '-1.5 s'],
    [2345n, '2.3 s'],
  ])('%s ms is %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });

  it.each([
    [7, '7'],
    [1234, '1,234'],
    [-1234567, '-1,234,567'],
    [12345678901234567890n, '12,345,678,901,234,567,890'],
  ])('%s is %s', (count, expected) => {
    expect(formatCount(count)).toBe(expected);
  });

  it('counts one and many', () => {
    expect([formatCounted(1, 'row'), formatCounted(0, 'row'), formatCounted(1200n, 'row')]).toEqual([
      '1 row',
      '0 rows',
      '1,200 rows',
    ]);
  });

  it('has no rate before time has passed', () => {
    expect([formatRate(312e6, 1000), formatRate(1, 0)]).toEqual(['312 MB/s', '–']);
  });
});
