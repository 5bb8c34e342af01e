/** Log objects as S3 delivers them to a bucket, many and small. */
import { createHash } from 'node:crypto';

/** Today's, under the default layout, so that a run with the usual look-back finds them. */
export function s3LogKey(number: number): string {
  const day = new Date().toISOString().slice(0, 10);
  return `logs/111122223333/eu-central-1/acme-docs/${day.replaceAll('-', '/')}/${day}-00-00-00-${String(number).padStart(16, '0')}`;
}

export function s3LogText(number: number, lines: number): string {
  return Array.from({ length: lines }, (_, line) => {
    const id = createHash('sha256').update(`${number}/${line}`).digest('hex').toUpperCase();
    const time = `19/Oct/2026:${String(number % 24).padStart(2, '0')}:${String(line % 60).padStart(2, '0')}:00 +0000`;
    return `79a59df900b949e55d96a1e698fbaced acme-docs [${time}] 192.0.2.7 arn:aws:sts::111122223333:assumed-role/app/i-${id.slice(0, 8).toLowerCase()} ${id.slice(0, 16)} REST.GET.OBJECT data/dt%253D2026-10-19/part-${id.slice(16, 32)}.parquet "GET /data/dt%3D2026-10-19/part-${id.slice(16, 32)}.parquet HTTP/1.1" 206 - 65536 134217728 24 21 "-" "aws-sdk-java/2.25.1 Linux/5.10 Java/17" - ${id}${id.slice(0, 12)}= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme-docs.s3.eu-central-1.amazonaws.com TLSv1.3 - - eu-central-1\n`;
  }).join('');
}
