/** An investigation as a page for a ticket: what the terminal shows, with every row and the SQL behind each section. */
import type { Fact } from '../queries/investigation/facts.js';
import type { Investigation } from '../queries/investigation/investigate.js';
import type { Section, Value } from '../queries/investigation/sections.js';
import type { TimelineEntry } from '../queries/investigation/timeline.js';
import { cellBar } from './charts.js';
import { html, lines, type Html } from './html.js';
import { pageText } from './page.js';
import { bytes, count, counted, dateTime, duration, shortPrincipal } from './wording.js';

/** The whole document; `writtenMs` is when. */
export function investigationPage(investigation: Investigation, { writtenMs }: { readonly writtenMs: number }): string {
  const { subject, finding, from, to, sections, taken_for, notes, facts } = investigation;
  const name = finding === null ? shortPrincipal(subject) : finding.title;
  const shown = sections.filter(({ id, rows }) => id !== 'summary' && rows.length > 0);
  const empty = sections.filter(({ rows }) => rows.length === 0).map(({ title }) => title);
  return pageText({
    title: `bucketwatch investigation of ${name}`,
    masthead: html`<p class="brand">bucketwatch <span>investigation</span></p>
      <p class="edition">${dateTime(from)} to ${dateTime(to)} UTC</p>`,
    contents: [
      { id: 'timeline', title: 'Timeline' },
      ...shown.map(({ id, title }) => ({ id, title })),
      { id: 'queries', title: 'Queries' },
    ],
    main: [
      html`<section class="front" aria-labelledby="headline">
        <h1 id="headline">${name}</h1>
        ${
          finding !== null &&
          html`<p class="standfirst">
            <span class="badge ${finding.severity}">${finding.severity}</span> ${finding.description}
          </p>`
        }
        <p class="legend">Taken for ${taken_for}.</p>
        ${notes.length > 0 && html`<div class="notes" role="note">${notes.map((note) => html`<p>${note}</p>`)}</div>`}
        <dl class="facts">
          ${facts.map(
            (fact) =>
              html`<div>
                <dt>${fact.label}</dt>
                <dd>${factText(fact)}</dd>
              </div>`,
          )}
        </dl>
      </section>`,
      timelineSection(investigation.timeline),
      shown.map(dataSection),
      empty.length > 0 && html`<p class="legend">Nothing under: ${empty.join(', ')}.</p>`,
      queriesSection(investigation),
    ],
    footer: html`<p>
      Written ${dateTime(writtenMs)} UTC by bucketwatch. All times are UTC and of the events. This file is complete: it
      loads nothing and runs nothing.
    </p>`,
  });
}

function factText({ value, unit }: Fact): string {
  if (unit === 'bytes') return bytes(Number(value));
  if (unit === 'count') return count(Number(value));
  return unit === 'time' ? `${dateTime(String(value))} UTC` : String(value);
}

function timelineSection(entries: readonly TimelineEntry[]): Html {
  const most = Math.max(1, ...entries.map((entry) => (entry.kind === 'active' ? entry.requests : 0)));
  return html`<section id="timeline" aria-labelledby="timeline-title">
    <h2 id="timeline-title">Timeline</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Timeline">
      <table>
        <caption>
          What happened when (UTC), with quiet times folded
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" class="spark"><span class="hidden">Share of the busiest</span></th>
            <th scope="col" class="number">Requests</th>
            <th scope="col" class="number">Failed</th>
            <th scope="col" class="number">Bytes out</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          ${entries.map((entry) => timelineRow(entry, most))}
        </tbody>
      </table>
    </div>
  </section>`;
}

function timelineRow(entry: TimelineEntry, most: number): Html {
  if (entry.kind === 'quiet') {
    const quiet = duration(Date.parse(entry.to) - Date.parse(entry.from));
    return html`<tr class="quiet">
      <td colspan="7">quiet for ${quiet}</td>
    </tr>`;
  }
  const { first_at, last_at, requests, failed, bytes_out, actions, marks } = entry;
  return html`<tr>
    <th scope="row" class="time">${dateTime(first_at)}</th>
    <td class="time">${dateTime(last_at)}</td>
    <td class="spark">${cellBar(requests / most)}</td>
    <td class="number">${count(requests)}</td>
    <td class="number">${count(failed)}</td>
    <td class="number">${bytes(bytes_out)}</td>
    <td class="wrap">
      ${actions}${
        marks.length > 0 &&
        html`<ul class="marks">
          ${marks.map((mark) => html`<li class="${mark.startsWith('new ') ? 'is-new' : 'is-finding'}">${mark}</li>`)}
        </ul>`
      }
    </td>
  </tr>`;
}

function dataSection({ id, title, rows }: Section): Html {
  const names = Object.keys(rows[0]!).filter((name) => rows.some((row) => row[name] !== null));
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="${title}">
      <table>
        <caption>
          ${counted(rows.length, 'row')}
        </caption>
        <thead>
          <tr>
            ${names.map((name) => html`<th scope="col" class="${classOf(name) === 'place' ? 'place' : isNumber(name) ? 'number' : ''}">${heading(name)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${names.map((name) => html`<td class="${classOf(name)}">${cell(name, row[name] ?? null)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function isNumber(name: string): boolean {
  return /^(?:requests|failed|addresses|keys|events|succeeded_later|status|bytes_\w+)$/.test(name);
}

function classOf(name: string): string {
  if (isNumber(name)) return 'number';
  if (name === 'row_id') return 'place';
  if (name.endsWith('_at') || /^(?:event_time|severity|state|action|dimension|request_id|access_key_id)$/.test(name))
    return 'time';
  return 'wrap';
}

function heading(name: string): string {
  return name.replaceAll('_', ' ').replace(/ at$/, '');
}

function cell(name: string, value: Value): string | Html {
  if (value === null) return '–';
  if (name === 'severity') return html`<span class="badge ${String(value)}">${String(value)}</span>`;
  if (name.startsWith('bytes_')) return bytes(Number(value));
  if (name.endsWith('_at') || name === 'event_time') return String(value).slice(0, 19).replace('T', ' ');
  if (typeof value === 'number') return name === 'status' ? String(value) : count(value);
  return shortPrincipal(String(value));
}

function queriesSection({ sections, timeline_query }: Investigation): Html {
  const all = [['Timeline', timeline_query] as const, ...sections.map(({ title, query }) => [title, query] as const)];
  return html`<section id="queries" aria-labelledby="queries-title">
    <h2 id="queries-title">Queries</h2>
    <p class="legend">Each runs as it is with <code>bucketwatch query</code>.</p>
    ${all.map(
      ([title, query]) =>
        html`<details class="data">
          <summary>${title}</summary>
          <pre tabindex="0"><code>${lines(query)}</code></pre>
        </details>`,
    )}
  </section>`;
}
