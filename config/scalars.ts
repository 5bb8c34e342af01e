/** The single values of the config: how each is written, and what it becomes (durations in ms, sizes in bytes). */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { fault, oneOf, text } from './mapping.js';
import { severities } from './severity.js';

const durationUnitsMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const expectedDuration = 'a whole number with s, m, h, d or w, such as 15m, 26h or 3d';

/** `15m`, `26h`, `3d` in milliseconds; null when the text is no duration. */
export function parseDurationMs(written: string): number | null {
  return /^[1-9]\d{0,5}[smhdw]$/.test(written)
    ? Number(written.slice(0, -1)) * durationUnitsMs[written.slice(-1)]!
    : null;
}

/** A duration, or `auto` which becomes null. */
export const durationOrAuto = text(
  /^(auto|[1-9]\d{0,5}[smhdw])$/,
  'is not a duration',
  `auto, or ${expectedDuration}`,
).transform(parseDurationMs);

/** A duration in milliseconds. */
export const duration = text(/^[1-9]\d{0,5}[smhdw]$/, 'is not a duration', expectedDuration).transform((written) =>
  parseDurationMs(written)!,
);

/** A duration in milliseconds, or `never`. */
export const durationOrNever = text(
  /^(never|[1-9]\d{0,5}[smhdw])$/,
  'is not a duration',
  `never, or ${expectedDuration}`,
).transform((written): number | 'never' => parseDurationMs(written) ?? 'never');

const sizeUnitsBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `512MB` (10^6) or `512MiB` (2^20), as DuckDB reads them: bytes, at least `minimum`. */
export function size(minimum: string) {
  return text(
    /^\d{1,6}(\.\d{1,3})? ?([KMGT]i?)?B$/,
    'is not a size',
    'a number with B, KB, MB, GB or MiB, GiB, such as 512MB',
  )
    .refine((written) => sizeBytes(written) >= sizeBytes(minimum), fault('is too small', `at least ${minimum}`))
    .transform(sizeBytes);
}

function sizeBytes(written: string): number {
  const [, amount, unit] = /^([\d.]+) ?(\w+)$/.exec(written)!;
  return Math.floor(Number(amount) * sizeUnitsBytes[unit!]!);
}

/** A whole number in a range, both ends included. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = fault('is not a whole number in range', `a whole number from ${minimum} to ${maximum}`);
  return z.int(error).min(minimum, error).max(maximum, error);
}

/** true or false. */
export const flag = z.boolean(fault('is not a boolean', 'true or false'));

/** One of the five severities. */
export const severity = oneOf(severities);

/** Any text but none at all. */
export const words = text(/\S/, 'is not text', 'some text');

/** A path; relative ones belong to the folder of the config file. */
export const filePath = words.refine(
  (path) => !path.startsWith('s3://') && !path.includes('\0'),
  fault('is not a path', 'a file or folder of this machine (a source of type s3 reads s3:// addresses)'),
);

/** An AWS account id. Unquoted it would be a number for YAML, and one with leading zeros would lose them. */
export const accountId = text(/^\d{12}$/, 'is not an account id', '12 digits in quotes, such as "111122223333"');

/** An AWS Region name. */
export const region = text(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'is not a Region', 'a Region such as eu-central-1');

/** The ARN of an SNS topic. */
export const topicArn = text(
  /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$/,
  'is not an ARN of an SNS topic',
  'arn:aws:sns:<region>:<account>:<name>',
);

/** The ARN of an IAM role. */
export const roleArn = text(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/,
  'is not an ARN of a role',
  'arn:aws:iam::<account>:role/<name>',
);

/** An IANA time zone name that this Node knows. */
export const timeZone = words.refine(
  isTimeZone,
  fault('is not a time zone', 'a name of the IANA list, such as Europe/Berlin or UTC'),
);

function isTimeZone(name: string): boolean {
  if (name === 'UTC') return true; // the default; Intl takes 15 ms to load
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '' && !/^[+-]/.test(name);
  } catch {
    return false; // RangeError is how Intl says no
  }
}

/** A network as CIDR, or one address; becomes a CIDR without host bits. */
export const network = words
  .refine(
    (written) => toCidr(written) !== null,
    fault('is not a network', 'a CIDR such as 198.51.100.0/24 or 2001:db8::/32, or one address'),
  )
  .transform((written) => toCidr(written)!);

/** The network as `<first address>/<bits>`; null when the text is no address and no CIDR. */
export function toCidr(written: string): string | null {
  const [address, bits, ...rest] = written.split('/');
  if (rest.length > 0 || !isAddress(address!) || !/^(\d{1,3})?$/.test(bits ?? '') || bits === '') return null;
  const parsed = ipaddr.parse(address!);
  const width = parsed.kind() === 'ipv4' ? 32 : 128;
  const length = bits === undefined ? width : Number(bits);
  if (length > width) return null;
  const first = (parsed.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(
    `${parsed.toString()}/${length}`,
  );
  return `${first.toString()}/${length}`;
}

/** ipaddr.js also takes `10.1` and `0x7f.1`, which are mistakes in a config. */
function isAddress(written: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(written) || (ipaddr.IPv6.isValid(written) && !written.includes('%'));
}

const day = text(/^\d{4}-\d{2}-\d{2}$/, 'is not a date', 'a day such as 2027-01-31').refine(
  (written) => isCalendarDay(written),
  fault('is not a date', 'a day of the calendar, such as 2027-01-31'),
);

/** A calendar day; becomes its first millisecond (UTC). */
export const calendarDay = day.transform((written) => Date.parse(written));

/** A calendar day; becomes the first millisecond after it (UTC), so that the day itself still counts. */
export const lastDay = day.transform((written) => Date.parse(written) + 86_400_000);

function isCalendarDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** A bucket name, in which `*` stands for anything. */
export const bucketPattern = text(
  /^[A-Za-z0-9._*-]{1,255}$/,
  'is not a bucket name',
  'a bucket name without s3:// and without a key, such as acme-logs or acme-*',
);

/** A bucket, or a bucket and a key or prefix: `acme-docs`, `acme-reports/exports/*`. */
export const objectPattern = text(
  /^[A-Za-z0-9._*-]{1,255}(\/.*)?$/,
  'is not a bucket or prefix',
  'a bucket such as acme-docs, or a bucket and a prefix such as acme-reports/exports/*, without s3://',
);

/** The id of a detector, in which `*` stands for anything. */
export const detectorPattern = text(
  /^[a-z0-9*][a-z0-9*-]*$/,
  'is not a detector id',
  'an id such as principal-new-source-ip or exfiltration-*',
);

/** The name of an environment variable, for secrets that have no place in a file. */
export const variableName = text(
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  'is not the name of an environment variable',
  'a name such as WEBHOOK_SECRET',
);
