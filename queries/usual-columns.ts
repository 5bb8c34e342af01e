/** What columns mean that many queries of the library answer with; other names mean what they mean in s3_events. */
export const usualColumns: Readonly<Record<string, string>> = {
  day: 'Day of the events, UTC.',
  hour: 'Hour of the events, UTC.',
  requests: 'Number of requests; one that both logs saw counts once.',
  failed: 'Requests that failed.',
  keys: 'Number of different object keys.',
  buckets: 'Number of different buckets.',
  principals: 'Number of different principals.',
  addresses: 'Number of different source addresses.',
  networks: 'Number of different source networks, each a /24 or a /48.',
  reads: 'Requests that read an object.',
  writes: 'Requests that wrote an object.',
  deletes:
    'Requests that deleted objects; one that names many keys counts once more for each of them that the logs show.',
  lists: 'Requests that listed.',
  bytes_in: 'Bytes that callers sent, as far as CloudTrail saw it.',
  bytes_out: 'Bytes that callers received.',
  first_at: 'First of the events, UTC.',
  last_at: 'Last of the events, UTC.',
  first_hour: 'Hour of the first event, UTC.',
  last_hour: 'Hour of the last event, UTC.',
  log_line: 'Line of the object from 1 (access log), or record from 0 (CloudTrail).',
};
