/** Bucket by hour of the day, as a table whose cells are coloured: it reads aloud and prints as what it is. */
import { heatLevel } from './charts.js';
import { html, type Html } from './html.js';
import type { HeatCell } from './report-data.js';
import { count } from './wording.js';

const hours = Array.from({ length: 24 }, (_, hour) => hour);

export function heatMap(cells: readonly HeatCell[]): Html {
  const buckets = [...new Set(cells.map(({ bucket }) => bucket))];
  const most = Math.max(0, ...cells.map(({ requests }) => Number(requests)));
  return html`<section id="hours" aria-labelledby="hours-title">
    <h2 id="hours-title">Hours</h2>
    <p class="legend">Requests by bucket and hour of the day, UTC; the darker the more, on a logarithmic scale.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Requests by bucket and hour of the day">
      <table class="heat">
        <caption>
          Requests by bucket and hour of the day (UTC)
        </caption>
        <thead>
          <tr>
            <th scope="col">Bucket</th>
            ${hours.map((hour) => html`<th scope="col">${String(hour).padStart(2, '0')}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${buckets.map((bucket) => row(bucket, cells, most))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row(bucket: string, cells: readonly HeatCell[], most: number): Html {
  const own = new Map(cells.filter((cell) => cell.bucket === bucket).map((cell) => [cell.hour_of_day, cell.requests]));
  return html`<tr>
    <th scope="row">${bucket}</th>
    ${hours.map((hour) => {
      const requests = Number(own.get(hour) ?? 0);
      return html`<td class="heat-${heatLevel(requests, most)}">
        ${requests === 0 ? html`<span class="hidden">0</span>` : short(requests)}
      </td>`;
    })}
  </tr>`;
}

/** Four characters at most: `950`, `1.2k`, `34k`, `5.6M`. */
function short(value: number): string {
  if (value < 1000) return count(value);
  const [unit, divisor] = value < 999_500 ? (['k', 1e3] as const) : (['M', 1e6] as const);
  const scaled = value / divisor;
  return `${scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)}${unit}`;
}
