/**
 * One line on stderr that says how far a run is, on a terminal only. Drawn on updates, so there is no timer to stop.
 */
import { cutToWidth } from './display-width.js';
import { terminalSafe } from './escape.js';
import { formatBytes, formatCount, formatDuration, formatRate } from './number-format.js';
import { plainStyle, type Style } from './style.js';

/** Totals since the start. A total that is not known yet is null, and then no time left is shown. */
export interface ProgressCounts {
  readonly objects: number;
  readonly objectsTotal: number | null;
  /** Bytes as stored, so that they can be compared with `bytesTotal`. */
  readonly bytes: number;
  readonly bytesTotal: number | null;
  readonly rows: number;
  readonly rejected: number;
}

/** The part of `process.stderr` that is used. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Milliseconds that never go back: `() => performance.now()`. */
  readonly now: () => number;
  readonly label: string;
  readonly style?: Style;
}

/** A progress line. On anything but a terminal every call does nothing. */
export interface Progress {
  /** Keeps the counts and redraws if the last drawing is at least 100 ms old. */
  update(counts: ProgressCounts): void;
  /** Takes the line away, so that something else can be printed; the next update draws it again. */
  clear(): void;
}

const redrawMs = 100;
/** The speed of the last seconds counts: caches and small objects make the start unlike the rest. */
const speedWindowMs = 5000;
/** Carriage return, then erase the line (ECMA-48 EL 2). */
const eraseLine = '\r\x1b[2K';

/** Starts counting time now; draws nothing before the first update. */
export function createProgress({ stream, now, label, style = plainStyle }: ProgressOptions): Progress {
  if (stream.isTTY !== true) return { update: () => undefined, clear: () => undefined };
  const speed = speedMeter(now());
  let drawnAt = -Infinity;
  let isShown = false;
  return {
    update(counts) {
      const time = now();
      if (time - drawnAt < redrawMs) return;
      drawnAt = time;
      isShown = true;
      // One column stays free: a full last column makes some terminals wrap.
      const line = progressLine(terminalSafe(label), counts, speed(time, counts.bytes), (stream.columns ?? 80) - 1);
      stream.write(eraseLine + style.dim(line));
    },
    clear() {
      if (isShown) stream.write(eraseLine);
      isShown = false;
      drawnAt = -Infinity;
    },
  };
}

/** Bytes and milliseconds between now and the oldest sample of the window. */
interface Speed {
  readonly bytes: number;
  readonly durationMs: number;
}

function speedMeter(startedAt: number): (time: number, bytes: number) => Speed {
  const samples = [{ time: startedAt, bytes: 0 }];
  return (time, bytes) => {
    samples.push({ time, bytes });
    while (samples.length > 2 && time - samples[1]!.time >= speedWindowMs) samples.shift();
    return { bytes: bytes - samples[0]!.bytes, durationMs: time - samples[0]!.time };
  };
}

/** The most telling parts first; the last ones go when the terminal is narrow. */
function progressLine(label: string, counts: ProgressCounts, speed: Speed, width: number): string {
  const parts = [
    objectsText(counts),
    ...remainingText(counts, speed),
    formatRate(speed.bytes, speed.durationMs),
    `${formatCount(counts.rows)} rows`,
    ...(counts.rejected > 0 ? [`${formatCount(counts.rejected)} rejected`] : []),
    formatBytes(counts.bytes),
  ];
  const full = `${label}  ${parts.join(' · ')}`;
  while (parts.length > 1 && `${label}  ${parts.join(' · ')}`.length > width) parts.pop();
  return full.length <= width ? full : cutToWidth(`${label}  ${parts.join(' · ')}`, Math.max(0, width));
}

function objectsText({ objects, objectsTotal }: ProgressCounts): string {
  return objectsTotal === null
    ? `${formatCount(objects)} objects`
    : `${formatCount(objects)}/${formatCount(objectsTotal)} objects`;
}

function remainingText({ bytes, bytesTotal }: ProgressCounts, speed: Speed): string[] {
  if (bytesTotal === null || speed.bytes <= 0 || speed.durationMs <= 0) return [];
  const remainingMs = ((bytesTotal - bytes) * speed.durationMs) / speed.bytes;
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytes) / bytesTotal);
  return [`${Math.min(100, percent)}%`, `${formatDuration(Math.max(0, Math.ceil(remainingMs / 1000)) * 1000)} left`];
}
