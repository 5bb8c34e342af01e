/** Numbers and times as pages show them. Times are UTC. */

export function count(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function counted(value: number | bigint, noun: string): string {
  return `${count(value)} ${noun}${Number(value) === 1 ? '' : 's'}`;
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1.4 GB`, powers of 1000. */
export function bytes(value: number | bigint): string {
  let rest = Number(value);
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${rest.toFixed(unit === 0 || rest >= 99.95 ? 0 : 1)} ${units[unit]!}`;
}

/** `2026-11-07 03:10` of milliseconds, a Date or ISO 8601 text. */
export function dateTime(time: number | Date | string): string {
  return isoOf(time).slice(0, 16).replace('T', ' ');
}

export function date(time: number | Date | string): string {
  return isoOf(time).slice(0, 10);
}

function isoOf(time: number | Date | string): string {
  return typeof time === 'string' ? time : new Date(time).toISOString();
}

/** `3h 5m`, `2d 4h`, from milliseconds. */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.round(minutes / 60);
  return minutes < 1440 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** An ARN without what is the same in all of them. */
export function shortPrincipal(principal: string): string {
  return principal.replace(/^arn:aws[a-z-]*:(?:iam|sts)::(?=\d{12}:)/, '');
}
