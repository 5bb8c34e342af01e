/** The course of events, in slots that are as wide as the period asks for, with quiet times folded into one line each. */
import type { SectionRow } from './sections.js';

/** A slot with events, or a quiet time between two of them. Times are ISO 8601 UTC. */
export type TimelineEntry =
  | {
      readonly kind: 'active';
      readonly first_at: string;
      readonly last_at: string;
      readonly requests: number;
      readonly failed: number;
      readonly bytes_out: number;
      /** The most frequent actions. */
      readonly actions: string;
      /** What was new then, and the findings that began then. */
      readonly marks: readonly string[];
    }
  | { readonly kind: 'quiet'; readonly from: string; readonly to: string };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Spans and the slots that they are shown in: some forty lines at most, and units that people think in. */
const slots: readonly (readonly [spanMs: number, stepMs: number])[] = [
  [40 * minute, minute],
  [10 * hour, 15 * minute],
  [40 * hour, hour],
  [62 * day, day],
  [400 * day, 7 * day],
];

/** Seconds of a slot for events that span so many milliseconds. */
export function stepSeconds(spanMs: number): number {
  const [, stepMs] = slots.find(([limit]) => spanMs <= limit) ?? [0, 28 * day];
  return stepMs / 1000;
}

/** Rows of sections/timeline.sql as entries, with marks put into the slots that they fall into. */
export function foldTimeline(
  rows: readonly SectionRow[],
  stepMs: number,
  marks: readonly { readonly at: string; readonly text: string }[],
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let before: number | null = null;
  for (const row of rows) {
    const slotMs = Date.parse(String(row['slot']));
    if (before !== null && slotMs - before > stepMs)
      entries.push({ kind: 'quiet', from: iso(before + stepMs), to: iso(slotMs) });
    before = slotMs;
    const inSlot = marks.filter(({ at }) => Date.parse(at) >= slotMs && Date.parse(at) < slotMs + stepMs);
    const more = Number(row['more_actions']);
    entries.push({
      kind: 'active',
      first_at: String(row['first_at']),
      last_at: String(row['last_at']),
      requests: Number(row['requests']),
      failed: Number(row['failed']),
      bytes_out: Number(row['bytes_out']),
      actions: `${String(row['actions'])}${more > 0 ? ` and ${more} more` : ''}`,
      marks: inSlot.map(({ text }) => text),
    });
  }
  return entries;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
