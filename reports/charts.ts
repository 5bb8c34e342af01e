/** The charts: plain SVG with classes instead of styles, so that one style sheet colours them for light, dark and paper. */
import { severities, type Severity } from '../config/severity.js';
import { html, type Html } from './html.js';
import { count, dateTime } from './wording.js';

/** One bar; `findings` are those that began in it. */
export interface Bar {
  readonly fromMs: number;
  readonly requests: number;
  readonly failed: number;
  readonly findings: readonly { readonly severity: Severity; readonly title: string }[];
}

const width = 960;
const height = 240;
const left = 52;
const right = 8;
const markersTop = 14;
const plotTop = 44;
const plotBottom = height - 30;

/**
 * Requests by time with the findings above them. `bars` are evenly spaced and have no holes. The text alternative is
 * what a listener needs: the span, the highest bar and where the findings are; the table below has the rest.
 */
export function activityChart(bars: readonly Bar[], stepSeconds: number): Html {
  const most = niceCeiling(Math.max(1, ...bars.map(({ requests }) => requests)));
  const pitch = (width - left - right) / Math.max(1, bars.length);
  const y = (value: number): number => plotBottom - (value / most) * (plotBottom - plotTop);
  const ticks = [0, most / 2, most];
  return html`<svg
    class="chart"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-labelledby="activity-title activity-desc"
  >
    <title id="activity-title">Requests and findings over time</title>
    <desc id="activity-desc">${describe(bars, stepSeconds)}</desc>
    ${ticks.map((tick) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${n(y(tick))}" y2="${n(y(tick))}" /><text class="axis" x="${left - 8}" y="${n(y(tick) + 4)}" text-anchor="end">${count(tick)}</text>`)}
    ${bars.map((bar, index) => barShape(bar, { x: left + index * pitch, pitch, y }))}
    ${axisLabels(bars, pitch, stepSeconds)}
  </svg>`;
}

interface Place {
  readonly x: number;
  readonly pitch: number;
  readonly y: (value: number) => number;
}

function barShape({ fromMs, requests, failed, findings }: Bar, { x, pitch, y }: Place): Html {
  const gap = Math.min(2, pitch * 0.2);
  const barWidth = n(pitch - gap);
  const top = y(requests);
  const failedTop = y(failed);
  const worst = severities.find((severity) => findings.some((finding) => finding.severity === severity));
  const centre = n(x + (pitch - gap) / 2);
  return html`<g
    ><title>
      ${dateTime(fromMs)}: ${count(requests)} requests, ${count(failed)}
      failed${findings.length === 0 ? '' : `; ${findings.map(({ severity, title }) => `${severity}: ${title}`).join('; ')}`}
    </title>
    ${requests > 0 && html`<rect class="bar" x="${n(x)}" y="${n(top)}" width="${barWidth}" height="${n(plotBottom - top)}" />`}${failed > 0 && html`<rect class="bar-failed" x="${n(x)}" y="${n(failedTop)}" width="${barWidth}" height="${n(plotBottom - failedTop)}" />`}
    ${worst !== undefined && html`<circle class="mark ${worst}" cx="${centre}" cy="${markersTop}" r="${n(Math.min(10, Math.max(4, pitch / 2.2)))}" />${pitch >= 14 && html`<text class="mark-text ${worst}" x="${centre}" y="${markersTop + 4}" text-anchor="middle">${findings.length}</text>`}<line class="mark-line ${worst}" x1="${centre}" x2="${centre}" y1="${markersTop + 11}" y2="${n(Math.max(markersTop + 12, top - 2))}" />`}</g
  >`;
}

/** About eight labels, each under the bar that it names. */
function axisLabels(bars: readonly Bar[], pitch: number, stepSeconds: number): Html[] {
  const every = Math.max(1, Math.ceil(bars.length / 9));
  return bars.flatMap(({ fromMs }, index) => {
    if (index % every !== 0) return [];
    const text = new Date(fromMs).toISOString();
    const label = stepSeconds < 86_400 ? text.slice(5, 16).replace('T', ' ') : text.slice(5, 10);
    return [html`<text class="axis" x="${n(left + index * pitch)}" y="${plotBottom + 18}">${label}</text>`];
  });
}

function describe(bars: readonly Bar[], stepSeconds: number): string {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined || bars.every(({ requests }) => requests === 0))
    return 'There are no requests in this period.';
  const top = bars.reduce((most, bar) => (bar.requests > most.requests ? bar : most), first);
  const withFindings = bars.filter(({ findings }) => findings.length > 0);
  const unit = stepSeconds < 86_400 ? 'hour' : stepSeconds === 86_400 ? 'day' : 'week';
  return `A bar for each ${unit} from ${dateTime(first.fromMs)} to ${dateTime(last.fromMs)} UTC. The highest is ${dateTime(top.fromMs)} with ${count(top.requests)} requests. Findings begin in ${count(withFindings.length)} of ${count(bars.length)} bars. The table below has every number.`;
}

/** A bar in a cell of a table, beside the number that it shows. */
export function cellBar(share: number): Html {
  return html`<svg
    class="cell-bar"
    viewBox="0 0 100 10"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="track" width="100" height="10" />
    <rect class="bar" width="${n(Math.max(share > 0 ? 0.5 : 0, share * 100))}" height="10" />
  </svg>`;
}

/** 0 for nothing, else 1 to 8 by the logarithm: small buckets must not vanish beside large ones. */
export function heatLevel(value: number, most: number): number {
  return value <= 0 ? 0 : 1 + Math.round((7 * Math.log1p(value)) / Math.log1p(Math.max(1, most)));
}

/** The next number of the form 1, 2, 4, 5 or 10 times a power of ten, at least 2. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return Math.max(2, ([1, 2, 4, 5, 10].find((factor) => factor * power >= value) ?? 10) * power);
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}
