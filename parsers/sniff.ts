/** Tells what an object is from its first bytes: names and content types of log objects say nothing reliable. */

export type ObjectFormat =
  | 'access-log-text'
  | 'access-log-json'
  | 'cloudtrail-json'
  | 'parquet'
  | 'gzip'
  | 'zstd'
  | 'empty'
  | 'not-a-log';

/** The time of an access-log line, which nothing else writes so: one anywhere makes the object an access log. */
const logTime = /\[\d\d?\/[A-Z][a-z]{2}\/\d{4}:/;

/** Lines whose time is broken, but that begin as access-log lines do: their own rejects say more than "not a log". */
const logLine = /^[0-9a-f]{64} \S+ \[/m;

/** Members that only access-log records have. A quote inside a JSON string is escaped, so these match names only. */
const accessLogMember =
  /"(?:request_?time|http_?status|key_?name|remote_?ip|request_?uri|bucket_?owner(?:_?id)?)"\s*:/i;
/** A member that CloudTrail's requestParameters have too. */
const bucketMember = /"bucket_?name"\s*:/i;

/** Members of CloudTrail records, of their envelopes and of digest files. */
const cloudtrailMember =
  /"(?:Records|eventVersion|eventSource|eventName|eventID|userIdentity|logEvents|digestStartTime|CloudTrailEvent)"\s*:/i;

/**
 * How S3 event notifications begin, which have the members of CloudTrail records and version 2.x ("Event message
 * structure" in the S3 User Guide, 2026). Only the beginning counts: a CloudTrail record may quote such members.
 */
const eventNotification =
  /^\s*\{\s*"Records"\s*:\s*\[\s*\{\s*"eventVersion"\s*:\s*"2\.\d+"\s*,\s*"eventSource"\s*:\s*"aws:s3"/;

/** The format of an object that starts with `head`, up to 64 KiB of it; compressed objects are sniffed again inside. */
export function sniff(head: Uint8Array): ObjectFormat {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  if (startsWith(head, [0x50, 0x41, 0x52, 0x31])) return 'parquet';
  const start = startsWith(head, [0xef, 0xbb, 0xbf]) ? 3 : 0;
  const text = Buffer.prototype.latin1Slice.call(head, start, head.length);
  const contentAt = text.search(/[^\t\n\v\f\r ]/);
  if (contentAt < 0) return 'empty';
  const first = text[contentAt];
  const isAccessLog = logTime.test(text) || logLine.test(text);
  if (eventNotification.test(text)) return 'not-a-log';
  if (first === '{' || first === '[') return sniffJson(text, isAccessLog);
  return isAccessLog ? 'access-log-text' : 'not-a-log';
}

/** The kind of record whose member comes first; JSON of neither kind is left to the CloudTrail parser to reject. */
function sniffJson(text: string, holdsLogLines: boolean): ObjectFormat {
  const cloudtrail = text.search(cloudtrailMember);
  const accessLog = text.search(accessLogMember);
  if (accessLog >= 0) return cloudtrail < 0 || accessLog < cloudtrail ? 'access-log-json' : 'cloudtrail-json';
  if (cloudtrail >= 0) return 'cloudtrail-json';
  if (bucketMember.test(text)) return 'access-log-json';
  return holdsLogLines ? 'access-log-text' : 'cloudtrail-json';
}

function startsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => head[at] === byte);
}
