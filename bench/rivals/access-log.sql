-- The rival of access-many and access-one: DuckDB's own CSV reader, tuned by hand, with all columns of our lake but
-- log_line. Tuned means: no sniffing, buffers of the size of a file, no insertion order, a Parquet file a thread, and
-- the cheapest of several expressions for each derived column.
-- $logs is a glob, $out a folder, $buffer_bytes the read buffer.
copy (
  select
    event_time,
    bucket_owner,
    bucket,
    remote_ip,
    requester,
    request_id,
    operation,
    coalesce(key_decoded, key_raw) as key,
    case when key_decoded is not null then key_raw end as key_logged,
    case
      when contains(request_uri, 'X-Amz-') then regexp_replace(
        request_uri, '(X-Amz-(?:Signature|Credential|Security-Token)=)[^& ]*', '\1***', 'g'
      )
      else request_uri
    end as request_uri,
    http_status,
    error_code,
    bytes_sent,
    object_size,
    total_time_ms,
    turn_around_time_ms,
    referer,
    user_agent,
    version_id,
    host_id,
    signature_version,
    cipher_suite,
    authentication_type,
    host_header,
    tls_version,
    access_point_arn,
    coalesce(acl_required = 'Yes', false) as acl_required,
    source_region,
    cast(null as varchar) as extra_fields,
    key_raw is not null as has_key,
    case
      when contains(requester, ':assumed-role/') then concat(
        'arn:', split_part(requester, ':', 2), ':iam::', split_part(requester, ':', 5), ':role/',
        split_part(requester, '/', 2)
      )
      when contains(requester, ':role/') then regexp_replace(
        requester, '^(arn:[^:]+:iam::[0-9]{12}:role/).*/', '\1'
      )
      when starts_with(requester, 'arn:') then requester
      when starts_with(requester, 'svc:') then concat('service:', substr(requester, 5))
      when requester = 'AmazonS3' then 'service:s3.amazonaws.com'
      when regexp_full_match(requester, '[0-9a-f]{64}') then concat('canonical:', requester)
      when regexp_full_match(requester, '[0-9a-f]{96}') then concat('cloudfront:', requester)
      when requester is not null then requester
      when starts_with(operation, 'S3.') then 'service:s3.amazonaws.com'
      when authentication_type is not null then 'unauthenticated'
      else 'anonymous'
    end as principal,
    case
      when contains(remote_ip, ':') then concat(
        coalesce(nullif(split_part(lower(remote_ip), ':', 1), ''), '0'), ':',
        coalesce(nullif(split_part(lower(remote_ip), ':', 2), ''), '0'), ':',
        coalesce(nullif(split_part(lower(remote_ip), ':', 3), ''), '0'), '::/48'
      )
      else left(remote_ip, length(remote_ip) - strpos(reverse(remote_ip), '.')) || '.0/24'
    end as source_network,
    cast(null as varchar) as flags,
    filename as log_uri
  from (
    select *,
      case
        when contains(key_raw, '%') or contains(key_raw, '+') then nullif(
          case
            when starts_with(operation, 'REST.') or starts_with(operation, 'WEBSITE.')
              then url_decode(replace(url_decode(replace(key_raw, '+', ' ')), '+', ' '))
            else url_decode(replace(key_raw, '+', ' '))
          end,
          key_raw
        )
      end as key_decoded
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
      filename = true,
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
  )
) to $out (format parquet, parquet_version v2, compression snappy, per_thread_output);
