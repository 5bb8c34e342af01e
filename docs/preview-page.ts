/** docs/preview.md: every control that can be previewed, how it judges each kind of request, and the change it comes to. */
import { frameReasons, type Control, type GivenValues, type Reason } from '../queries/preview/control.js';
import { controls } from '../queries/preview/controls.js';
import { anchor, block, code, list, page, prose, section, table } from './markdown.js';

/** Values for the example of each control that needs some. */
const examples: Readonly<Record<string, { readonly command: string; readonly given: Partial<GivenValues> }>> = {
  'tls-only': { command: '--min 1.2', given: { min: '1.2' } },
  'ip-allow': {
    command: '198.51.100.0/24 2001:db8:51::/48 --vpc-endpoint vpce-0a1b2c3d4e5f60718',
    given: { values: ['198.51.100.0/24', '2001:db8:51::/48'], vpcEndpoint: ['vpce-0a1b2c3d4e5f60718'] },
  },
  'vpc-endpoint-only': {
    command: 'vpce-0a1b2c3d4e5f60718 --bucket acme-restricted-vault',
    given: { values: ['vpce-0a1b2c3d4e5f60718'] },
  },
  'cloudfront-only': { command: '--bucket acme-static-site', given: {} },
  'sse-kms-only': {
    command: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    given: { values: ['arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'] },
  },
  hours: {
    command: '--hours 07:00-20:00 --days mon,tue,wed,thu,fri --time-zone Europe/Berlin',
    given: { hours: '07:00-20:00', days: 'mon,tue,wed,thu,fri', timeZone: 'Europe/Berlin' },
  },
};

const introduction = `\
\`bucketwatch preview CONTROL\` tells from the logs what a control would have refused: which principals, how many requests
and bytes, when last, with rows to look at; what the logs cannot decide, and why; and the change to apply, with the way
back. It changes nothing and asks AWS nothing.`;

const counting = `\
Each request is counted once, also when both logs saw it, and comes to one of these:

| verdict | meaning |
| --- | --- |
| breaks | It succeeded, and would be refused. A request that failed anyway does not break. |
| unclear | The logs do not show what decides it: the reason says which field is missing where. |
| passes | It would still be allowed by this control. |
| exempt | The control does not apply to it. |
| failed | It failed without the control. A revalidation (304) did not fail. |

A Deny in a policy has to be read with what AWS leaves out of a request. A negated operator, such as \`NotIpAddress\`, also
matches a request that lacks the key, so behind a VPC endpoint, where there is no \`aws:SourceIp\`, it denies. \`Bool\`
does not match a request that lacks the key, so exceptions for services are written with \`BoolIfExists\`; otherwise
anonymous requests would slip through. The policies here are evaluated request by request in a test, by a judge that
was written from AWS's pages alone, and must refuse what the preview says breaks, and nothing else.

Capital words (\`ACCOUNT_ID\`, \`BREAK_GLASS_ROLE\`, \`DISTRIBUTION_ID\`) are placeholders: fill them in. Buckets of China and
GovCloud get their own partition. With \`--format json\` there is one object with the change for every bucket.`;

export function previewPage(): string {
  return page(
    'Preview of controls',
    introduction,
    list(controls.map(({ name, refuses }) => `[${code(name)}](${anchor(name)}): ${prose(refuses)}`)),
    section(2, 'How requests are counted', counting, reasonTable(frameReasons)),
    ...controls.map(controlSection),
  );
}

function controlSection(control: Control): string {
  const { name, usage, refuses, limits, references } = control;
  const example = examples[name];
  return section(
    2,
    code(name),
    prose(refuses) + (usage === '' ? '' : ` Values: ${code(usage)}`),
    block('sh', ['bucketwatch preview', name, example?.command].filter((part) => part !== undefined).join(' ')),
    reasonTable(control.reasons),
    block('json', JSON.stringify(exampleChange(control), null, 2)),
    list(limits.map(prose)),
    `AWS: ${references.map((reference, index) => `[${index + 1}](${reference})`).join(' ')}`,
  );
}

function reasonTable(reasons: Readonly<Record<string, Reason>>): string {
  const rows = Object.entries(reasons).map(([name, { verdict, why }]) => [verdict, code(name), prose(why)]);
  return table(['verdict', 'reason', 'meaning'], rows);
}

function exampleChange(control: Control): unknown {
  const given = { values: [], ...examples[control.name]?.given };
  const settings = control.settings(given, { workingHours: null, nowMs: Date.UTC(2026, 2, 10) });
  const facts = { bucket: 'BUCKET', accountId: '111122223333', region: 'eu-central-1', partition: 'aws' } as const;
  return control.change(facts, settings).document;
}
