/** The report: one page that says first what matters, and then what it stands on. */
import { severities } from '../config/severity.js';
import { activityChart, cellBar, type Bar } from './charts.js';
import { countriesSection, coverageSection, detectorSection, firstSeenSection } from './data-sections.js';
import { findingCard } from './finding-card.js';
import { heatMap } from './heat-map.js';
import { html, type Html } from './html.js';
import { pageText } from './page.js';
import type { ReportData } from './report-data.js';
import { bytes, count, counted, date, dateTime, shortPrincipal } from './wording.js';

const sections = [
  { id: 'activity', title: 'Activity' },
  { id: 'findings', title: 'Findings' },
  { id: 'hours', title: 'Hours' },
  { id: 'principals', title: 'Bytes by principal' },
  { id: 'countries', title: 'Countries' },
  { id: 'first-seen', title: 'First seen' },
  { id: 'coverage', title: 'Coverage' },
  { id: 'detectors', title: 'Detectors' },
] as const;

/** The whole document; `writtenMs` is when. */
export function reportPage(data: ReportData, { writtenMs }: { readonly writtenMs: number }): string {
  const period = `${dateTime(data.fromMs)} to ${dateTime(data.toMs)} UTC`;
  return pageText({
    title: `bucketwatch report, ${date(data.fromMs)} to ${date(data.toMs - 1)}`,
    masthead: html`<p class="brand">bucketwatch <span>report</span></p>
      <p class="edition">${period}</p>`,
    contents: sections.filter(({ id }) => id !== 'countries' || data.countries !== null),
    main: [
      front(data),
      activitySection(data),
      findingsSection(data),
      heatMap(data.heat),
      principalsSection(data),
      countriesSection(data),
      firstSeenSection(data),
      coverageSection(data, writtenMs),
      detectorSection(data),
    ],
    footer: html`<p>
      Written ${dateTime(writtenMs)} UTC by bucketwatch. All times are UTC and of the events. This file is complete: it
      loads nothing and runs nothing.
    </p>`,
  });
}

function front(data: ReportData): Html {
  const { findings, status } = data;
  const requests = data.activity.reduce((sum, slot) => sum + Number(slot.requests), 0);
  const out = data.activity.reduce((sum, slot) => sum + Number(slot.bytes_out), 0);
  const days = Math.max(1, Math.round((data.toMs - data.fromMs) / 86_400_000));
  const tiles = severities.map((severity) => ({
    severity,
    number: findings.filter((finding) => finding.severity === severity).length,
  }));
  return html`<section class="front" aria-labelledby="headline">
    <h1 id="headline">${headline(data)}</h1>
    <p class="standfirst">
      About ${counted(requests, 'request')} to ${counted(data.coverage.length, 'bucket')} in ${counted(days, 'day')},
      ${bytes(out)} read. ${accountsSentence(data)} The newest event is of
      ${status.newest_event_at === null ? 'no time at all' : `${dateTime(status.newest_event_at)} UTC`}.
    </p>
    <ul class="tiles" aria-label="Findings by severity">
      ${tiles.map(
        ({ severity, number }) =>
          html`<li class="tile ${severity}${number === 0 && ' none'}">
            <a href="${number > 0 ? `#severity-${severity}` : '#findings'}"
              ><b>${count(number)}</b> <span>${severity}</span></a
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

/** The worst first, in words. */
function headline({ findings }: ReportData): string {
  const numbers = severities
    .map((severity) => [findings.filter((finding) => finding.severity === severity).length, severity] as const)
    .filter(([number]) => number > 0);
  if (numbers.length === 0) return 'Nothing needs attention';
  const [[worst, severity] = [0, 'info'], ...rest] = numbers;
  const others = rest.reduce((sum, [number]) => sum + number, 0);
  return `${counted(worst, `${severity} finding`)}${others === 0 ? '' : `, and ${count(others)} more`}`;
}

function accountsSentence({ status: { lines, rows, duplicates, rejected } }: ReportData): string {
  return lines === rows + duplicates + rejected
    ? 'Every line of the logs is accounted for.'
    : 'Lines of the logs are missing from the accounts.';
}

function findingsSection({ findings }: ReportData): Html {
  const groups = severities.flatMap((severity) => {
    const some = findings.filter((finding) => finding.severity === severity);
    return some.length === 0 ? [] : [{ severity, some }];
  });
  return html`<section id="findings" aria-labelledby="findings-title">
    <h2 id="findings-title">Findings</h2>
    ${groups.length === 0 && html`<p>No finding is open in this period.</p>`}
    ${groups.map(
      ({ severity, some }) =>
        html`<h3 id="severity-${severity}" class="severity-title">
            ${severity} <span class="number">${count(some.length)}</span>
          </h3>
          ${some.map((finding) => findingCard(finding))}`,
    )}
  </section>`;
}

function activitySection(data: ReportData): Html {
  const bars = barsOf(data);
  const rows = bars.filter(({ requests, findings }) => requests > 0 || findings.length > 0);
  return html`<section id="activity" aria-labelledby="activity-heading">
    <h2 id="activity-heading">Activity</h2>
    <p class="legend">
      <span class="key key-bar"></span> requests <span class="key key-failed"></span> failed
      <span class="key key-mark"></span> findings that began, in the colour of the worst. A request that both logs saw
      counts once, as far as hourly sums can tell.
    </p>
    <figure>${activityChart(bars, data.stepSeconds)}</figure>
    <details class="data">
      <summary>The numbers behind the chart</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Activity in numbers">
        <table>
          <caption>
            Requests, failures and findings by time
          </caption>
          <thead>
            <tr>
              <th scope="col">From (UTC)</th>
              <th scope="col" class="number">Requests</th>
              <th scope="col" class="number">Failed</th>
              <th scope="col">Findings that began</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ({ fromMs, requests, failed, findings }) =>
                html`<tr>
                  <th scope="row" class="time">${dateTime(fromMs)}</th>
                  <td class="number">${count(requests)}</td>
                  <td class="number">${count(failed)}</td>
                  <td>${findings.map(({ severity, title }) => `${severity}: ${title}`).join('; ') || '–'}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

/** Evenly spaced, also where nothing happened. */
function barsOf({ activity, findings, fromMs, toMs, stepSeconds }: ReportData): Bar[] {
  const stepMs = stepSeconds * 1000;
  const first = activity[0]?.slot.getTime() ?? Math.floor(fromMs / stepMs) * stepMs;
  const bySlot = new Map(activity.map((slot) => [slot.slot.getTime(), slot]));
  const bars: Bar[] = [];
  for (let slotMs = first; slotMs < toMs; slotMs += stepMs) {
    const slot = bySlot.get(slotMs);
    const begun = findings.filter(({ first_event_at }) => {
      const at = Date.parse(first_event_at);
      return at >= slotMs && at < slotMs + stepMs;
    });
    bars.push({
      fromMs: slotMs,
      requests: Number(slot?.requests ?? 0),
      failed: Number(slot?.errors ?? 0),
      findings: begun,
    });
  }
  return bars;
}

function principalsSection({ principals }: ReportData): Html {
  const most = Math.max(1, ...principals.map((row) => Number(row.bytes_out)));
  return html`<section id="principals" aria-labelledby="principals-title">
    <h2 id="principals-title">Bytes by principal</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Bytes by principal">
      <table>
        <caption>
          The ${count(principals.length)} principals that read most
        </caption>
        <thead>
          <tr>
            <th scope="col">Principal</th>
            <th scope="col" class="number">Bytes out</th>
            <th scope="col" class="bar-column"><span class="hidden">Share of the largest</span></th>
            <th scope="col" class="number">Requests</th>
            <th scope="col" class="number">Failed</th>
            <th scope="col" class="number">Buckets</th>
          </tr>
        </thead>
        <tbody>
          ${principals.map(
            (row) =>
              html`<tr>
                <th scope="row" class="wrap">${shortPrincipal(row.principal)}</th>
                <td class="number">${bytes(row.bytes_out)}</td>
                <td class="bar-column">${cellBar(Number(row.bytes_out) / most)}</td>
                <td class="number">${count(row.requests)}</td>
                <td class="number">${count(row.errors)}</td>
                <td class="number">${count(row.buckets)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
