/** What the findings stand on: what is new, what was logged, whether all of it was read, and what looked at it. */
import { cellBar } from './charts.js';
import { html, type Html } from './html.js';
import type { ReportData } from './report-data.js';
import { bytes, count, counted, date, dateTime, duration, shortPrincipal } from './wording.js';

/** Rows of a list that are shown; a page that nobody scrolls through helps nobody. */
const shownRows = 40;

export function firstSeenSection({ firstSeen, baselineDays }: ReportData): Html {
  const shown = firstSeen.slice(0, shownRows);
  return html`<section id="first-seen" aria-labelledby="first-seen-title">
    <h2 id="first-seen-title">First seen</h2>
    <p class="legend">
      What turned up in this period and was not there in the first ${counted(baselineDays, 'day')} of the logs.
      Anonymous callers and AWS services are left out.
    </p>
    ${
      shown.length === 0
        ? html`<p>Nothing new.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="First seen">
            <table>
              <caption>
                First seen, latest
                first${firstSeen.length > shown.length && html` (${count(shown.length)} of ${count(firstSeen.length)})`}
              </caption>
              <thead>
                <tr>
                  <th scope="col">Since (UTC)</th>
                  <th scope="col">What</th>
                  <th scope="col">Value</th>
                  <th scope="col">Where</th>
                  <th scope="col" class="number">Requests</th>
                </tr>
              </thead>
              <tbody>
                ${shown.map(
                  (row) =>
                    html`<tr>
                      <td class="time">${dateTime(row.first_at)}</td>
                      <td>${row.dimension}</td>
                      <th scope="row" class="wrap">${shortPrincipal(row.value)}</th>
                      <td class="wrap">${row.context === null ? '–' : shortPrincipal(row.context)}</td>
                      <td class="number">${count(row.requests)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}

/** Nothing at all without a database of countries: a guess would be worse than no section. */
export function countriesSection({ countries }: ReportData): Html | null {
  if (countries === null) return null;
  const most = Math.max(1, ...countries.map(({ bytesOut }) => bytesOut));
  return html`<section id="countries" aria-labelledby="countries-title">
    <h2 id="countries-title">Countries</h2>
    <p class="legend">
      Where the networks of the callers are, by the configured database. Private networks are in no country.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Countries">
      <table>
        <caption>
          Countries, most bytes first
        </caption>
        <thead>
          <tr>
            <th scope="col">Country</th>
            <th scope="col" class="number">Bytes out</th>
            <th scope="col" class="bar-column"><span class="hidden">Share of the largest</span></th>
            <th scope="col" class="number">Requests</th>
            <th scope="col" class="number">Networks</th>
          </tr>
        </thead>
        <tbody>
          ${countries.map(
            (row) =>
              html`<tr>
                <th scope="row">${countryName(row.country)}</th>
                <td class="number">${bytes(row.bytesOut)}</td>
                <td class="bar-column">${cellBar(row.bytesOut / most)}</td>
                <td class="number">${count(row.requests)}</td>
                <td class="number">${count(row.networks)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

function countryName(code: string | null): string {
  if (code === null) return 'unknown or private';
  const name = /^[A-Z]{2}$/.test(code) ? countryNames.of(code) : undefined;
  return name === undefined ? code : `${name} (${code})`;
}

export function coverageSection(data: ReportData, writtenMs: number): Html {
  const { coverage, status } = data;
  return html`<section id="coverage" aria-labelledby="coverage-title">
    <h2 id="coverage-title">Coverage and data quality</h2>
    ${accounts(data)}
    <dl class="facts">
      <div>
        <dt>Last run</dt>
        <dd>
          ${status.last_run === null ? 'never' : `${status.last_run.command}, ${status.last_run.status}, ${dateTime(status.last_run.ended_at ?? status.last_run.started_at)} UTC`}
        </dd>
      </div>
      <div>
        <dt>Lag</dt>
        <dd>${lag(status.newest_event_at, writtenMs)}</dd>
      </div>
      <div>
        <dt>Objects</dt>
        <dd>${count(status.objects)} read (${bytes(status.bytes)}), ${count(status.objects_failed)} failing</dd>
      </div>
      <div>
        <dt>Waiting for detection</dt>
        <dd>${status.pending_hours === 0 ? 'nothing' : counted(status.pending_hours, 'hour')}</dd>
      </div>
      <div>
        <dt>Alerts</dt>
        <dd>${count(status.alerts_pending)} pending, ${count(status.alerts_dead)} dead</dd>
      </div>
      <div>
        <dt>Lake</dt>
        <dd>${bytes(status.lake.bytes)} in ${counted(status.lake.files, 'file')}</dd>
      </div>
    </dl>
    ${rejects(data)}
    <div class="scroll" tabindex="0" role="region" aria-label="Coverage by bucket">
      <table>
        <caption>
          Which log sees which bucket
        </caption>
        <thead>
          <tr>
            <th scope="col">Bucket</th>
            <th scope="col" class="number">Access log</th>
            <th scope="col" class="number">CloudTrail</th>
            <th scope="col">Seen by</th>
            <th scope="col" class="number">Days</th>
            <th scope="col">First</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          ${coverage.map(
            (row) =>
              html`<tr>
                <th scope="row" class="wrap">${row.bucket}</th>
                <td class="number">${count(row.access_log)}</td>
                <td class="number">${count(row.cloudtrail)}</td>
                <td>${seenBy(row.access_log, row.cloudtrail)}</td>
                <td class="number">${count(row.days)}</td>
                <td class="time">${date(row.first_at)}</td>
                <td class="time">${date(row.last_at)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function accounts({ status }: ReportData): Html {
  const { lines, rows, duplicates, rejected } = status;
  const isWhole = lines === rows + duplicates + rejected;
  return html`<p class="accounts ${isWhole ? 'whole' : 'broken'}">
    <span><b>${count(lines)}</b> lines</span> <span>=</span> <span><b>${count(rows)}</b> rows</span> <span>+</span>
    <span><b>${count(duplicates)}</b> duplicates</span> <span>+</span>
    <span><b>${count(rejected)}</b> rejected</span>
    <span class="verdict">${isWhole ? 'adds up' : 'does not add up: please report this'}</span>
  </p>`;
}

function lag(newest: string | null, writtenMs: number): string {
  if (newest === null) return 'there is no event';
  return `the newest event is ${duration(Math.max(0, writtenMs - Date.parse(newest)))} old: ${dateTime(newest)} UTC`;
}

function rejects({ rejects: rows }: ReportData): Html | null {
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Rejected records">
    <table>
      <caption>
        Rejected records by reason, of all times
      </caption>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col" class="number">Records</th>
          <th scope="col">For example in</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <th scope="row">${row.reason}</th>
              <td class="number">${count(row.records)}</td>
              <td class="wrap">${row.example}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function seenBy(accessLog: bigint, cloudtrail: bigint): string {
  if (accessLog > 0n && cloudtrail > 0n) return 'both';
  return accessLog > 0n ? 'access log only' : 'CloudTrail only';
}

export function detectorSection({ detectors, findings }: ReportData): Html {
  const numbers = new Map<string, number>();
  for (const { detector } of findings) numbers.set(detector, (numbers.get(detector) ?? 0) + 1);
  const active = detectors.filter(({ state }) => state === 'active').length;
  return html`<section id="detectors" aria-labelledby="detectors-title">
    <h2 id="detectors-title">Detectors</h2>
    <p class="legend">
      ${count(active)} of ${counted(detectors.length, 'detector')} are active; the others are off, on trial, or still
      learning what is usual.
    </p>
    <details class="data">
      <summary>All detectors and their state</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Detectors">
        <table>
          <caption>
            Detectors
          </caption>
          <thead>
            <tr>
              <th scope="col">Detector</th>
              <th scope="col">Family</th>
              <th scope="col">Severity</th>
              <th scope="col">State</th>
              <th scope="col" class="number">Findings</th>
              <th scope="col">Looks for</th>
            </tr>
          </thead>
          <tbody>
            ${detectors.map(
              (row) =>
                html`<tr>
                  <th scope="row">${row.id}</th>
                  <td>${row.family}</td>
                  <td>${row.severity}</td>
                  <td>${row.state}</td>
                  <td class="number">${count(numbers.get(row.id) ?? 0)}</td>
                  <td>${row.title}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}
