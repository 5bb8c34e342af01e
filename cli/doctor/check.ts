/** What one check of `doctor` answers. */
import type { Statement } from '../../aws/permissions.js';

/** `warn` is worth a look and stops nothing; `fail` means that runs will fail, or already do. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

/** What kind of failure it is: it decides the exit code. */
export type FailureKind = 'config' | 'local' | 'access';

export interface Check {
  readonly status: CheckStatus;
  /** What was looked at, such as `config` or `source s3://bucket/prefix`. */
  readonly subject: string;
  /** What was tried, such as `list` or `free space`. */
  readonly check: string;
  readonly found: string;
  /** What to do; empty when there is nothing to do. */
  readonly todo: string;
  /** The IAM statement that is missing. */
  readonly statement: Statement | null;
  /** Null but for failures. */
  readonly kind: FailureKind | null;
}

/** Makes the checks of one subject. */
export interface Checks {
  readonly ok: (check: string, found: string) => Check;
  readonly warn: (check: string, found: string, todo: string) => Check;
  readonly fail: (check: string, found: string, failure: Failure) => Check;
}

interface Failure {
  readonly todo: string;
  readonly kind: FailureKind;
  readonly statement?: Statement | null;
}

export function checksOf(subject: string): Checks {
  return {
    ok: (check, found) => ({ status: 'ok', subject, check, found, todo: '', statement: null, kind: null }),
    warn: (check, found, todo) => ({ status: 'warn', subject, check, found, todo, statement: null, kind: null }),
    fail: (check, found, { todo, kind, statement = null }) => ({
      status: 'fail',
      subject,
      check,
      found,
      todo,
      statement,
      kind,
    }),
  };
}
