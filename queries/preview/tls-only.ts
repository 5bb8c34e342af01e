/** Refuses plain HTTP, and TLS below a version. */
import { AppError } from '../../config/app-error.js';
import { policyLimits, type Control } from './control.js';
import { deny, policyChange } from './policy.js';
import { refuseOthers } from './values.js';

const versions = ['1.0', '1.1', '1.2', '1.3'];

export const tlsOnly: Control = {
  name: 'tls-only',
  refuses: 'Refuses requests over plain HTTP, and over TLS below --min.',
  usage: '[--min 1.2]',
  settings(given) {
    refuseOthers('tls-only', given, { values: false, options: ['min'] });
    const { min } = given;
    if (min !== undefined && !versions.includes(min))
      throw new AppError('usage', `tls-only --min ${min}: is not a version of TLS; expected ${versions.join(', ')}`);
    return {
      parameters: { min: min ?? 'any' },
      variables: { preview_min_tls: min === undefined ? null : Number(min) },
    };
  },
  reasons: {
    'aws-service': { verdict: 'exempt', why: 'An AWS service: its requests are made over TLS and show no version.' },
    'plain-http': { verdict: 'breaks', why: 'Plain HTTP: the access log names neither a cipher nor a TLS version.' },
    'no-cipher': {
      verdict: 'breaks',
      why: 'Plain HTTP: the data event names its bytes, and neither cipher nor TLS version.',
    },
    'website-endpoint': {
      verdict: 'breaks',
      why: 'A website endpoint, which speaks only HTTP: put CloudFront in front.',
    },
    'old-tls': { verdict: 'breaks', why: 'TLS below the minimum.' },
    tls: { verdict: 'passes', why: 'TLS of at least the minimum.' },
    'tls-version-unseen': {
      verdict: 'unclear',
      why: 'TLS, but the log does not say which: the version is in access logs since 2020 and in CloudTrail since 2021.',
    },
    'tls-unseen': {
      verdict: 'unclear',
      why: 'The log has no field for TLS: an access-log line of before 2019, or a record without transfer details.',
    },
  },
  change(facts, { variables }) {
    const min = variables['preview_min_tls'];
    const all = { actions: 's3:*', on: 'all' } as const;
    const statements = [
      deny(facts, { sid: 'DenyPlainHttp', ...all, condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ];
    if (typeof min === 'number') {
      const condition = { NumericLessThan: { 's3:TlsVersion': min.toFixed(1) } };
      statements.push(deny(facts, { sid: 'DenyOldTls', ...all, condition }));
    }
    return policyChange(facts, statements);
  },
  limits: [
    'Plain HTTP has no s3:TlsVersion, so the minimum alone would let it through: both statements belong together.',
    'No exception is needed: AWS services come over TLS. Management events that name no TLS are counted as unclear.',
    'S3 endpoints have refused TLS below 1.2 themselves since 2024, so old versions occur in older logs only.',
    'A proxy that speaks TLS to S3 hides plain HTTP behind it.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html',
  ],
};
