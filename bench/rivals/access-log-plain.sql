-- The rival of access-many and access-one without any derived column: the fields as they are in the log, and nothing else.
-- Secrets stay in request_uri. Tuned as access-log.sql.
-- $logs is a glob, $out a folder, $buffer_bytes the read buffer.
copy (
  select * exclude (time_zone) replace (coalesce(acl_required = 'Yes', false) as acl_required)
  from read_csv(
    $logs,
    delim = ' ',
    quote = '"',
    escape = '"',
    header = false,
    auto_detect = false,
    nullstr = '-',
    timestampformat = '[%d/%b/%Y:%H:%M:%S',
    max_line_size = 65536,
    buffer_size = $buffer_bytes,
    columns = {
      'bucket_owner': 'VARCHAR',
      'bucket': 'VARCHAR',
      'event_time': 'TIMESTAMP',
      'time_zone': 'VARCHAR',
      'remote_ip': 'VARCHAR',
      'requester': 'VARCHAR',
      'request_id': 'VARCHAR',
      'operation': 'VARCHAR',
      'key_raw': 'VARCHAR',
      'request_uri': 'VARCHAR',
      'http_status': 'SMALLINT',
      'error_code': 'VARCHAR',
      'bytes_sent': 'BIGINT',
      'object_size': 'BIGINT',
      'total_time_ms': 'BIGINT',
      'turn_around_time_ms': 'BIGINT',
      'referer': 'VARCHAR',
      'user_agent': 'VARCHAR',
      'version_id': 'VARCHAR',
      'host_id': 'VARCHAR',
      'signature_version': 'VARCHAR',
      'cipher_suite': 'VARCHAR',
      'authentication_type': 'VARCHAR',
      'host_header': 'VARCHAR',
      'tls_version': 'VARCHAR',
      'access_point_arn': 'VARCHAR',
      'acl_required': 'VARCHAR',
      'source_region': 'VARCHAR'
    }
  )
) to $out (format parquet, parquet_version v2, compression snappy, per_thread_output);
