/** Which bytes `parsers/secrets.ts` and `parsers/json-secrets.ts` blank, and which they must leave alone. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankJsonSecrets } from '../../parsers/json-secrets.js';
import { blankSecrets } from '../../parsers/secrets.js';

function blanked(text: string): string {
  const bytes = Buffer.from(text);
  blankSecrets(bytes, 0, bytes.length);
  return bytes.toString();
}

function blankedJson(text: string): string {
  const bytes = Buffer.from(text);
  blankJsonSecrets(bytes, 0, bytes.length);
  return bytes.toString();
}

describe('blankSecrets', () => {
  it.each([
    ['X-Amz-Signature=abc&x=1', 'X-Amz-Signature=***&x=1'],
    ['x-amz-signature=abc', 'x-amz-signature=***'],
    ['X-AMZ-SIGNATURE=abc', 'X-AMZ-SIGNATURE=***'],
    ['Signature=vj%2Bx%3D HTTP/1.1', `Signature=${'*'.repeat(9)} HTTP/1.1`],
    ['X-Amz-Security-Token=a/b+c==&', 'X-Amz-Security-Token=*******&'],
    ['X-Amz-Credential=AKIA/20260206/us-east-1/s3/aws4_request"', `X-Amz-Credential=${'*'.repeat(39)}"`],
    ['x-amz-server-side-encryption-customer-key=c2VjcmV0', 'x-amz-server-side-encryption-customer-key=********'],
    ['X-Amz-Signature%3Dabc%26x%3D1', 'X-Amz-Signature%3D***%26x%3D1'],
    ['X-Amz-Signature%253dabc%2526x', 'X-Amz-Signature%253d***%2526x'],
    ['X-Amz-Signature%25253Dabc%252526x', 'X-Amz-Signature%25253D***%252526x'],
    ['X-Amz-Signature=a%zzb c', 'X-Amz-Signature=***** c'],
    ['X-Amz-Signature=abc%22 d', 'X-Amz-Signature=***%22 d'],
    ['Signature=one, Signature=two', 'Signature=***, Signature=***'],
    ['X-Amz-Signature=☃& x', 'X-Amz-Signature=***& x'],
  ])('blanks %s', (text, expected) => {
    expect(blanked(text)).toBe(expected);
  });

  it.each([
    'X-Amz-SignedHeaders=host;range',
    'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1',
    'SignatureVersion=4',
    'X-Amz-Signature: abc',
    'server-side-encryption-customer-key-md5=abc',
    'continuation-token=abc',
    'X-Amz-Signature',
    'X-Amz-Signature%3',
    '=%3D==%',
    'Signature=',
  ])('leaves %s alone', (text) => {
    expect(blanked(text)).toBe(text);
  });

  it('blanks nothing before or after its range', () => {
    const bytes = Buffer.from('Signature=abc Signature=def Signature=ghi');
    blankSecrets(bytes, 14, 25);
    expect(bytes.toString()).toBe('Signature=abc Signature=*ef Signature=ghi');
  });

  it('changes nothing that it has blanked before, and never the length or the separators', () => {
    const part = fc.constantFrom(
      'X-Amz-Signature',
      'signature',
      '=',
      '%3D',
      '%253D',
      '&',
      '%26',
      ' ',
      '"',
      'abc',
      '%',
      '%2',
      '\\',
      '\n',
      '☃',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('');
        const once = blanked(text);
        expect(blanked(once)).toBe(once);
        for (const separator of ['&', ' ', '"', '\n'])
          expect(once.split(separator).length).toBe(text.split(separator).length);
        expect(Buffer.byteLength(once)).toBe(Buffer.byteLength(text));
      }),
    );
  });
});

describe('blankJsonSecrets', () => {
  it.each([
    ['{"sessionToken":"abc","x":1}', '{"sessionToken":"***","x":1}'],
    ['{"SecretAccessKey" : "a\\/b", "x":1}', '{"SecretAccessKey" : "****", "x":1}'],
    ['{"sessionToken":"a\\"b\\\\","x":1}', '{"sessionToken":"******","x":1}'],
    ['{"X-Amz-Signature":"abc","X-Amz-Date":"20260701"}', '{"X-Amz-Signature":"***","X-Amz-Date":"20260701"}'],
    ['{"x-amz-security-token" : [ "a\\/b" , "c" ],"x":[1]}', '{"x-amz-security-token" : [ "****" , "*" ],"x":[1]}'],
    ['{"X-AMZ-CREDENTIAL":["abc"]}', '{"X-AMZ-CREDENTIAL":["***"]}'],
    ['{"x-Amz-S3session-Token":"abc"}', '{"x-Amz-S3session-Token":"***"}'],
    ['{"Signature":"abc","SignatureVersion":"SigV2"}', '{"Signature":"***","SignatureVersion":"SigV2"}'],
    ['{"text":"{\\"X-Amz-Signature\\":[\\"abc\\"]}"}', '{"text":"{\\"X-Amz-Signature\\":[\\"***\\"]}"}'],
    ['{"X-Amz-Signature":7,"x-amz-credential":[]}', '{"X-Amz-Signature":7,"x-amz-credential":[]}'],
    ['{"sessionToken":null}', '{"sessionToken":null}'],
    ['{"x":"sessionToken\\":\\"ab\\\\","y":"kept"}', '{"x":"sessionToken\\":\\"****","y":"kept"}'],
    [
      '{"x":"{\\"y\\":\\"sessionToken\\\\\\":\\\\\\"ab\\\\\\\\\\",\\"z\\":1}"}',
      '{"x":"{\\"y\\":\\"sessionToken\\\\\\":\\\\\\"******\\",\\"z\\":1}"}',
    ],
    ['{"policy":"{\\"sessionToken\\":\\"abc\\",\\"y\\":2}"}', '{"policy":"{\\"sessionToken\\":\\"***\\",\\"y\\":2}"}'],
    [
      '{"url":"https://h/?X-Amz-Signature\\u003dabc\\u0026x=1"}',
      '{"url":"https://h/?X-Amz-Signature\\u003d***\\u0026x=1"}',
    ],
    ['{"url":"?X-Amz-Security-Token=a\\/b\\u003d\\u003d&x"}', '{"url":"?X-Amz-Security-Token=****************&x"}'],
    [
      '{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","nextToken":"kept"}',
      '{"accessKeyId":"ASIAIOSFODNN7EXAMPLE","nextToken":"kept"}',
    ],
  ])('turns %s into the same JSON without its secrets', (text, expected) => {
    expect(blankedJson(text)).toBe(expected);
    expect(() => JSON.parse(expected) as unknown).not.toThrow();
  });

  it('leaves the next line alone when a line is cut off inside a secret', () => {
    expect(blankedJson('{"sessionToken":"abc\n{"sessionToken":"def"}\n')).toBe(
      '{"sessionToken":"***\n{"sessionToken":"***"}\n',
    );
  });

  it('keeps JSON valid and of the same length', () => {
    const text = fc.string({
      unit: fc.constantFrom(
        'sessionToken',
        'sessionToken":"',
        'sessionToken\\":\\"',
        'Signature',
        '=',
        '\\',
        '"',
        '/',
        'a',
        '\u0001',
        '&',
        '☃',
        ':',
        '{',
        '}',
      ),
    });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('sessionToken', 'url', 'secretAccessKey', 'x'),
          fc.oneof(
            text,
            text.map((t) => JSON.stringify({ sessionToken: t })),
          ),
        ),
        (value) => {
          const json = JSON.stringify(value);
          const result = blankedJson(json);
          expect(Buffer.byteLength(result)).toBe(Buffer.byteLength(json));
          expect(Object.keys(JSON.parse(result) as object)).toEqual(Object.keys(value));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes time in proportion to hostile text', () => {
    const text = `{"sessionToken":"${'\\\\'.repeat(200_000)}`;
    const bytes = Buffer.from(text);
    blankJsonSecrets(bytes, 0, bytes.length);
    expect(bytes.toString()).toBe(`{"sessionToken":"${'*'.repeat(400_000)}`);
  });
});
