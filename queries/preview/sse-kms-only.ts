/** Makes a KMS key the default of the bucket and refuses uploads that ask for anything else. */
import { AppError } from '../../config/app-error.js';
import { policyLimits, sharedReasons, type Change, type Control } from './control.js';
import { deny, policyChange, shellWord, unlessServicePrincipal } from './policy.js';
import { refuseOthers } from './values.js';

const keyArn = /^arn:(?:aws|aws-cn|aws-us-gov):kms:[a-z0-9-]+:\d{12}:key\/((?:mrk-)?[0-9a-f-]{32,36})$/;

const sse = 's3:x-amz-server-side-encryption';
const keyId = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const customerKey = 's3:x-amz-server-side-encryption-customer-algorithm';

export const sseKmsOnly: Control = {
  name: 'sse-kms-only',
  refuses: 'Refuses uploads that ask for another encryption than SSE-KMS with the key.',
  usage: 'KEY_ARN',
  settings(given) {
    refuseOthers('sse-kms-only', given, { values: true, options: [] });
    const [key = '', ...others] = given.values;
    const [, id] = keyArn.exec(key) ?? [];
    if (id === undefined || others.length > 0)
      throw new AppError(
        'usage',
        `sse-kms-only ${given.values.join(' ')}: is not one key; expected its ARN, such as arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab (an alias does not do: it can be moved)`,
      );
    return { parameters: { key }, variables: { preview_kms_key: key, preview_kms_key_id: id } };
  },
  reasons: {
    'aws-service': sharedReasons.service,
    'no-new-object': sharedReasons.noNewObject,
    'part-of-upload': sharedReasons.partOfUpload,
    'right-key': { verdict: 'passes', why: 'Encrypted with the key already.' },
    'needs-key-permission': {
      verdict: 'unclear',
      why: 'No header, so the new default key is used: it works if the caller may use that key (kms:GenerateDataKey, and kms:Decrypt for multipart uploads).',
    },
    'key-by-id': { verdict: 'unclear', why: 'The key by its id alone: the policy compares ARNs, so send the ARN.' },
    'key-by-alias': { verdict: 'unclear', why: 'The key by an alias: the log does not say which key that is.' },
    'other-encryption': { verdict: 'breaks', why: 'Asks for another encryption, such as AES256 or aws:kms:dsse.' },
    'kms-without-key': { verdict: 'breaks', why: 'Asks for aws:kms without a key, which means the key aws/s3.' },
    'other-key': { verdict: 'breaks', why: 'Asks for another KMS key.' },
    'customer-key': { verdict: 'breaks', why: 'A key of the client (SSE-C).' },
    'header-unseen': {
      verdict: 'unclear',
      why: 'The access log does not show headers, and CloudTrail has no complete data event of it.',
    },
  },
  change(facts, { parameters }): Change {
    const key = parameters['key'] as string;
    const put = { actions: 's3:PutObject', on: 'objects' } as const;
    const change = policyChange(facts, [
      deny(facts, {
        sid: 'DenyOtherEncryption',
        ...put,
        condition: { Null: { [sse]: 'false' }, StringNotEquals: { [sse]: 'aws:kms' }, ...unlessServicePrincipal },
      }),
      deny(facts, {
        sid: 'DenyKmsWithoutKey',
        ...put,
        condition: { StringEquals: { [sse]: 'aws:kms' }, Null: { [keyId]: 'true' }, ...unlessServicePrincipal },
      }),
      deny(facts, {
        sid: 'DenyOtherKeys',
        ...put,
        condition: { Null: { [keyId]: 'false' }, StringNotEquals: { [keyId]: key }, ...unlessServicePrincipal },
      }),
      deny(facts, {
        sid: 'DenyCustomerKeys',
        ...put,
        condition: { Null: { [customerKey]: 'false' }, ...unlessServicePrincipal },
      }),
    ]);
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
      BucketKeyEnabled: true,
    };
    const bucket = shellWord(facts.bucket);
    return {
      ...change,
      apply: [
        `aws s3api get-bucket-encryption --bucket ${bucket} --query ServerSideEncryptionConfiguration > encryption-before.json`,
        `aws s3api put-bucket-encryption --bucket ${bucket} --server-side-encryption-configuration '${JSON.stringify({ Rules: [rule] })}'`,
        ...change.apply,
      ],
      undo: [
        ...change.undo,
        `aws s3api put-bucket-encryption --bucket ${bucket} --server-side-encryption-configuration file://encryption-before.json`,
      ],
    };
  },
  limits: [
    'The default encryption comes first: without it, uploads without a header would keep the old one and the policy would not see it.',
    'Whoever writes needs kms:GenerateDataKey on the key, whoever reads what is written from then on needs kms:Decrypt; anonymous readers cannot have it, and other accounts need the key policy, too. CloudTrail’s kms events show who has used the key, S3’s logs do not.',
    'Buckets that receive server access logs must keep SSE-S3.',
    'Objects that exist keep their encryption; copy them over themselves to change it.',
    'Headers are in CloudTrail data events only.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html',
  ],
};
