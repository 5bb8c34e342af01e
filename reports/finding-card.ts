/** A finding on a page: a line that opens to everything that is known about it. */
import type { Finding } from '../alerts/finding.js';
import { html, lines, type Html } from './html.js';
import { count, counted, dateTime, shortPrincipal } from './wording.js';

/** It opens by mouse and key, and on paper the worst are open. */
export function findingCard(finding: Finding): Html {
  const { severity, title, principal, source_ip, bucket, last_event_at, event_count, state } = finding;
  const who = principal === null ? source_ip : shortPrincipal(principal);
  return html`<details class="finding ${severity}">
    <summary>
      <span class="badge ${severity}">${severity}</span>
      <span class="finding-title">${title}${state === 'acknowledged' && html` <em>(acknowledged)</em>`}</span>
      <span class="finding-who"
        >${who ?? '–'}${bucket !== null && html` <span aria-hidden="true">→</span><span class="hidden"> on </span> ${bucket}`}</span
      >
      <span class="finding-when">${dateTime(last_event_at)} · ${counted(event_count, 'event')}</span>
    </summary>
    <div class="finding-body">
      <p class="lead">${lines(withoutTitle(finding))}</p>
      ${factList(finding)} ${baseline(finding)} ${evidence(finding)}
      ${
        finding.next_steps.length > 0 &&
        html`<h4 class="no-print">Next steps</h4>
          <ol class="steps">
            ${finding.next_steps.map((step) => html`<li>${step}</li>`)}
          </ol>`
      }
      <h4 class="no-print">Query</h4>
      <pre tabindex="0"><code>${lines(finding.query)}</code></pre>
    </div>
  </details>`;
}

/** Descriptions begin with the title, which stands above already. */
function withoutTitle({ title, description }: Finding): string {
  return description.startsWith(`${title}: `) ? description.slice(title.length + 2) : description;
}

function factList(finding: Finding): Html {
  const { first_event_at, last_event_at, detector, detector_version, mitre, id } = finding;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Who', finding.principal],
    ['From', finding.source_ip],
    ['User agent', finding.user_agent],
    ['Bucket', finding.bucket],
    ['Key', finding.key],
    ['Account', finding.account_id],
    ['Region', finding.region],
    ['Events', `${count(finding.event_count)}, ${dateTime(first_event_at)} to ${dateTime(last_event_at)} UTC`],
    ['Detector', `${detector} ${detector_version}`],
    ['ATT&CK', mitre.length > 0 ? mitre.join(', ') : null],
    ['Id', id],
  ];
  return html`<dl class="facts">
    ${facts.flatMap(([label, value]) =>
      value === null
        ? []
        : [
            html`<div>
              <dt>${label}</dt>
              <dd>${value}</dd>
            </div>`,
          ],
    )}
  </dl>`;
}

function baseline({ baseline: known }: Finding): Html | null {
  if (known === null) return null;
  const { expected, observed, history_days, factors } = known;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Expected', expected],
    ['Observed', observed],
    ['History', history_days === null ? null : counted(history_days, 'day')],
    ['Because', factors.length > 0 ? factors.join('; ') : null],
  ];
  return html`<h4>What is usual</h4>
    <dl class="facts">
      ${facts.flatMap(([label, value]) =>
        value === null
          ? []
          : [
              html`<div>
                <dt>${label}</dt>
                <dd>${value}</dd>
              </div>`,
            ],
      )}
    </dl>`;
}

function evidence({ evidence: rows }: Finding): Html | null {
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Evidence">
    <table>
      <caption>
        Evidence: the earliest rows
      </caption>
      <thead>
        <tr>
          <th scope="col">Time (UTC)</th>
          <th scope="col">Action</th>
          <th scope="col">Key</th>
          <th scope="col">Status</th>
          <th scope="col">Request id</th>
          <th scope="col">Log</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <td class="time">${row.event_time.slice(0, 19).replace('T', ' ')}</td>
              <td>${row.action ?? '–'}</td>
              <td class="wrap">${row.key ?? '–'}</td>
              <td>${row.status ?? '–'}</td>
              <td>${row.request_id ?? '–'}</td>
              <td class="wrap">${row.log_uri}:${row.log_line}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
