/** Metrics as log lines in CloudWatch's embedded metric format, which CloudWatch Logs turns into metrics. */
import type { MetricPoint } from '../metrics.js';
import { asciiJson } from './alert-json.js';

/** Of a directive (specification of the embedded metric format, 2026-11). */
const maxMetrics = 100;

export interface EmfOptions {
  readonly namespace: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/**
 * Lines of JSON, each with its line feed. A document has one value a dimension, so every set of dimension values is a
 * line of its own.
 */
export function emfLines(points: readonly MetricPoint[], { namespace, atMs }: EmfOptions): string[] {
  return byDimensions(points).flatMap((group) => {
    const lines: string[] = [];
    for (let start = 0; start < group.length; start += maxMetrics)
      lines.push(emfLine(group.slice(start, start + maxMetrics), { namespace, atMs }));
    return lines;
  });
}

function byDimensions(points: readonly MetricPoint[]): MetricPoint[][] {
  const groups = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const key = JSON.stringify(point.dimensions);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()];
}

function emfLine(points: readonly MetricPoint[], { namespace, atMs }: EmfOptions): string {
  const { dimensions } = points[0]!;
  const directive = {
    Namespace: namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: points.map(({ name, unit }) => ({ Name: name, Unit: unit })),
  };
  const values = Object.fromEntries(points.map(({ name, value }) => [name, value]));
  return `${asciiJson({ _aws: { Timestamp: atMs, CloudWatchMetrics: [directive] }, ...dimensions, ...values })}\n`;
}
