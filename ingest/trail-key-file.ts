/** Reads public keys of CloudTrail from a file: the answer of `aws cloudtrail list-public-keys`, or PEM. */
import { createPublicKey } from 'node:crypto';
import fs from 'node:fs';
import { AppError } from '../config/app-error.js';
import { publicKeyOf, type PublicKey } from './digest-signature.js';

const maxFileBytes = 1 << 20;
const expected = 'expected the JSON of "aws cloudtrail list-public-keys", or public keys as PEM';

/** Throws `file-unusable` when the file cannot be read or holds no key. */
export function readKeyFile(file: string): PublicKey[] {
  const text = readText(file);
  const keys = text.includes('-----BEGIN') ? pemKeys(text) : listedKeys(text);
  if (keys === null || keys.length === 0)
    throw new AppError('file-unusable', `${file}: holds no public key that can be read; ${expected}`, {
      facts: { path: file },
    });
  return keys;
}

function readText(file: string): string {
  try {
    const { size } = fs.statSync(file);
    if (size <= maxFileBytes) return fs.readFileSync(file, 'utf8');
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('file-unusable', `${file}: ${found}; ${expected}`, { facts: { path: file }, cause });
  }
  throw new AppError('file-unusable', `${file}: larger than ${maxFileBytes} bytes; ${expected}`, {
    facts: { path: file },
  });
}

/** Null when one of them is no RSA key. */
function pemKeys(text: string): PublicKey[] | null {
  try {
    const blocks = text.match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g) ?? [];
    const keys = blocks.map((block) => createPublicKey(block));
    return keys.every(({ asymmetricKeyType }) => asymmetricKeyType === 'rsa')
      ? keys.map((key) => ({ fingerprint: null, key }))
      : null;
  } catch {
    return null;
  }
}

interface KeyList {
  readonly PublicKeyList?: readonly { readonly Value?: unknown; readonly Fingerprint?: unknown }[];
}

function listedKeys(text: string): PublicKey[] | null {
  try {
    const { PublicKeyList: list = [] } = JSON.parse(text) as KeyList;
    return list.flatMap(({ Value, Fingerprint }) => {
      if (typeof Value !== 'string' || typeof Fingerprint !== 'string') return [];
      return publicKeyOf({ fingerprint: Fingerprint, der: Value }) ?? [];
    });
  } catch {
    return null;
  }
}
