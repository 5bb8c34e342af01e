import { describe, expect, it } from 'vitest';
import { AppError, errorCodes, exitCodes, toAppError } from '../../config/app-error.js';

describe('errors of the caller and of the world', () => {
  it('carry the exit code of their code, their facts and their cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new AppError('source-unreachable', 's3://acme-logs: no answer', {
      facts: { bucket: 'acme-logs' },
      cause,
    });
    expect(error).toMatchObject({ exitCode: 4, facts: { bucket: 'acme-logs' }, cause, name: 'AppError' });
  });

  it('keep the exit codes that scripts stand on', () => {
    expect(exitCodes).toEqual({
      done: 0,
      internal: 1,
      usage: 2,
      partlyDone: 3,
      unreachable: 4,
      findings: 10,
      lockHeld: 75,
      interrupted: 130,
      terminated: 143,
    });
  });

  it('have a sentence for every code', () => {
    for (const { meaning } of Object.values(errorCodes)) expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  it('are made of anything that was thrown', () => {
    const known = new AppError('usage', 'x');
    expect(toAppError(known)).toBe(known);
    expect(toAppError(new TypeError('boom'))).toMatchObject({ code: 'internal', exitCode: 1, message: 'boom' });
    expect(toAppError('text')).toMatchObject({ code: 'internal', message: 'text' });
  });

  it.each([
    ['disk-full', 'ENOSPC: no space left on device, copyfile'],
    ['disk-full', 'EDQUOT: disk quota exceeded, write'],
    ['disk-full', 'IO Error: Could not write file "/data/catalog.duckdb": No space left on device'],
    ['store-damaged', 'IO Error: The file "/data/catalog.duckdb" exists, but it is not a valid DuckDB database file!'],
    ['store-damaged', 'IO Error: No files found that match the pattern "/data/lake/a.parquet"\n\nLINE 39: from'],
  ])('are %s for %s', (code, message) => {
    const error = toAppError(new Error(message));
    expect(error).toMatchObject({ code, exitCode: 1 });
    expect(error.message).not.toContain('\n');
  });
});
