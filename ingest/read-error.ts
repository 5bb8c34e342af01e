/** Why an object was not read to its end. */

/**
 * `failed`: recorded, and tried again by the next run · `gone`: it was changed or deleted after it was listed, so there is
 * nothing to try again · `cancelled`: the run was asked to end.
 */
export type ReadProblemKind = 'failed' | 'gone' | 'cancelled';

export interface ReadProblem {
  readonly kind: ReadProblemKind;
  readonly message: string;
  /** The source would have answered every object like this; `later` may succeed within the run. */
  readonly cause: 'forbidden' | 'credentials' | 'later' | 'object';
}

/** Thrown by bodies that know more of a failure than its text. */
export class ReadError extends Error {
  readonly problem: ReadProblem;

  constructor(problem: ReadProblem, options?: { readonly cause: unknown }) {
    super(problem.message, options);
    this.problem = problem;
  }
}

export function readProblem(error: unknown): ReadProblem {
  if (error instanceof ReadError) return error.problem;
  return { kind: 'failed', message: error instanceof Error ? error.message : String(error), cause: 'object' };
}
