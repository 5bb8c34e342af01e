/**
 * The one error type for mistakes of the caller and of the world, with the closed lists of its codes and of the exit
 * codes. Bad data is never an AppError: it is a reject. docs/errors.md is written from these tables.
 */

/** What the process says when it ends. Scripts stand on these numbers: never change one. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  partlyDone: 3,
  unreachable: 4,
  findings: 10,
  lockHeld: 75,
  interrupted: 130,
  terminated: 143,
} as const;

/** One number of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One row of the error table: the exit code that ends the process, and one sentence for docs/errors.md. */
export interface ErrorKind {
  readonly exitCode: ExitCode;
  readonly meaning: string;
}

/** Every code that an AppError can have. A new code needs a sentence here and nothing anywhere else. */
export const errorCodes = {
  internal: { exitCode: exitCodes.internal, meaning: 'A defect of bucketwatch; please report it with the message.' },
  'store-damaged': {
    exitCode: exitCodes.internal,
    meaning:
      'The catalog or a lake file cannot be read or contradicts itself. `snapshot.duckdb` is the catalog as of the last run: it may be copied to `catalog.duckdb`, without a `catalog.duckdb.wal` beside it.',
  },
  'disk-full': {
    exitCode: exitCodes.internal,
    meaning: 'The data directory or the temporary directory has no space left.',
  },
  usage: { exitCode: exitCodes.usage, meaning: 'The command line is wrong: an unknown command, option or value.' },
  'config-not-found': { exitCode: exitCodes.usage, meaning: 'The file given with --config does not exist.' },
  'config-unreadable': { exitCode: exitCodes.usage, meaning: 'The config file exists and cannot be read.' },
  'config-invalid': {
    exitCode: exitCodes.usage,
    meaning: 'The config file has wrong keys or values; every one is listed with its line.',
  },
  'data-dir-unusable': {
    exitCode: exitCodes.usage,
    meaning: 'The data directory cannot be made, read or written, or belongs to a newer version.',
  },
  'file-unusable': {
    exitCode: exitCodes.usage,
    meaning: 'A file named on the command line or in the config cannot be read or written.',
  },
  'query-invalid': {
    exitCode: exitCodes.usage,
    meaning: 'The SQL, a parameter of a query, or the shape of its result is wrong.',
  },
  'query-refused': {
    exitCode: exitCodes.usage,
    meaning: 'The SQL would write, or read outside the lake, and was not allowed to.',
  },
  'name-unknown': {
    exitCode: exitCodes.usage,
    meaning: 'No query, detector, finding or sink has the given name or id, or no log and no finding knows it.',
  },
  'detector-invalid': {
    exitCode: exitCodes.usage,
    meaning: 'A detector file has a wrong header or SQL that does not run.',
  },
  'partly-done': {
    exitCode: exitCodes.partlyDone,
    meaning: 'Some objects or sinks failed; the state is saved and the next run tries them again.',
  },
  'credentials-missing': {
    exitCode: exitCodes.unreachable,
    meaning: 'No AWS credentials were found, or they have expired.',
  },
  'source-unreachable': { exitCode: exitCodes.unreachable, meaning: 'A source does not answer or does not exist.' },
  'source-forbidden': {
    exitCode: exitCodes.unreachable,
    meaning: 'A source refuses access; doctor prints the missing permission.',
  },
  'sink-unreachable': {
    exitCode: exitCodes.unreachable,
    meaning: 'A sink does not answer or does not exist; its alerts stay in the outbox.',
  },
  'sink-forbidden': {
    exitCode: exitCodes.unreachable,
    meaning: 'A sink refuses access; its alerts stay in the outbox.',
  },
  'lock-held': { exitCode: exitCodes.lockHeld, meaning: 'Another run holds the lock of the data directory.' },
  interrupted: { exitCode: exitCodes.interrupted, meaning: 'Stopped by SIGINT; what was committed stays.' },
  terminated: { exitCode: exitCodes.terminated, meaning: 'Stopped by SIGTERM; what was committed stays.' },
  'output-closed': {
    exitCode: exitCodes.done,
    meaning: 'The reader of stdout went away, as `head` does; nothing is printed about it.',
  },
} as const satisfies Record<string, ErrorKind>;

/** One code of the table. */
export type ErrorCode = keyof typeof errorCodes;

/** What an error is about, for logs and for `--json`: names, paths and counts, and never a secret. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;

/**
 * A mistake of the caller or of the world. `message` says where, what was found, what was expected and what to do, in
 * lower case; several problems stand on a line each. It may quote outside text, so printers still make it
 * terminal-safe.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;
  override readonly name = 'AppError';

  constructor(code: ErrorCode, message: string, { facts = {}, cause }: { facts?: ErrorFacts; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }

  /** The exit code that the table gives this code. */
  get exitCode(): ExitCode {
    return errorCodes[this.code].exitCode;
  }
}

interface KnownFault {
  /** What Node or DuckDB says of it. */
  readonly said: RegExp;
  readonly code: ErrorCode;
  readonly advice: string;
}

/** Faults of the machine, which can be met wherever a file is read or written. */
const knownFaults: readonly KnownFault[] = [
  {
    said: /\bENOSPC\b|\bEDQUOT\b|no space left on device|disk quota exceeded/i,
    code: 'disk-full',
    advice:
      'expected room in the data directory and in the temporary one; what was committed stays: make room and run again',
  },
  {
    said: /not a valid DuckDB database file|could not read enough bytes|does not match stored checksum|no magic bytes|no files found that match/i,
    code: 'store-damaged',
    advice:
      'expected the files of the data directory as they were written; bring back a copy of them, or move the folder away and read the logs again',
  },
];

/** Anything that was thrown, as an AppError with the original as cause: what is no known fault is `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const fault = knownFaults.find(({ said }) => said.test(message));
  if (fault === undefined) return new AppError('internal', message, { cause: thrown });
  // DuckDB goes on with the SQL, which is not at fault.
  return new AppError(fault.code, `${message.split('\n')[0]}; ${fault.advice}`, { cause: thrown });
}
