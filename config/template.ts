/**
 * The config that `bucketwatch init` writes: every key with its meaning, all commented out, so that it changes nothing
 * until a line is uncommented. Prose begins with `##`, keys with `# `; with every key uncommented it is valid as well.
 */

/** The text of the file. Keys show their default, or an example where the default is nothing. */
export const configTemplate = `## bucketwatch.yaml: config of bucketwatch.
## Every key is optional, and this file as it stands changes nothing: take away "# " (hash and space) to use a line.
## Lines with two hashes are explanations. Relative paths belong to the folder of this file.
## Names in lists may contain *, which stands for anything. Check your changes with: bucketwatch doctor

## Folder of the lake and the catalog: local disk, not NFS. --data-dir and BUCKETWATCH_DATA_DIR win over it.
# data_dir: ./bucketwatch-data

## Where logs come from. Access logs and CloudTrail are told apart by their content.
# sources:
## A bucket that logs are delivered to. layout is auto, flat, partitioned or cloudtrail; lookback is how far back each
## run lists for objects that it has not read yet (auto, 26h, 3d). region and role_arn: null uses the environment.
## endpoint is a server that is not AWS; expected_bucket_owner refuses a bucket that another account owns.
#   - type: s3
#     uri: "s3://acme-s3-access-logs/prefix/"
#     layout: auto
#     region: eu-central-1
#     role_arn: null
#     external_id: null
#     endpoint: null
#     expected_bucket_owner: "111122223333"
#     requester_pays: false
#     lookback: auto
## A file, a folder with its subfolders, or a glob on this machine.
#   - type: local
#     path: ./logs
## A queue with the bucket's ObjectCreated notifications, for buckets that are too large to list often. Anyone who may
## send to the queue names the objects that are read, so say which buckets they may be in.
#   - type: sqs
#     queue_url: https://sqs.eu-central-1.amazonaws.com/111122223333/bucketwatch
#     buckets: [acme-s3-access-logs]
#     region: eu-central-1
#     role_arn: null
#     external_id: null
#     endpoint: null
#     expected_bucket_owner: "111122223333"
#     requester_pays: false

## Account ids, in quotes: own ones (those seen as owners of log buckets are added) and those of partners.
# accounts:
#   own: ["111122223333"]
#   trusted: ["555566667777"]

## Networks that your people and servers come from. When set, access from elsewhere is a finding.
# networks:
#   trusted: ["198.51.100.0/24", "2001:db8::/32"]
## A copy of https://ip-ranges.amazonaws.com/ip-ranges.json: credentials of instances outside of AWS are a finding then.
#   aws_ranges: ip-ranges.json

## Buckets that hold audit logs; others are discovered from the logs themselves.
# log_buckets: [acme-org-cloudtrail]
## Roles and users that read log buckets by profession; the one that bucketwatch itself reads with is added.
# log_readers: ["arn:aws:iam::111122223333:role/siem-reader"]
## Buckets that are meant to be read by anyone.
# public_buckets: [acme-media-public]
## Buckets that only CloudFront should read.
# cloudfront_only: [acme-static-site]
## Buckets in which a request without TLS is a finding.
# tls_only: [acme-finance-reports]
## Buckets that must be reached through a VPC endpoint.
# vpc_endpoint_required: [acme-restricted-vault]
## Buckets or prefixes whose findings weigh more.
# sensitive: [acme-customer-docs, "acme-finance-reports/exports/*"]
## Buckets, prefixes or keys that nobody has a reason to touch: any request to them is a critical finding.
# canaries: ["acme-customer-docs/passwords.xlsx"]

## Lists of bad addresses: text files with one address or CIDR a line. kind is custom (addresses of your own choice),
## threat (a threat-intelligence feed) or tor (exit nodes). from and to are the days that a list speaks of.
# threat_lists:
#   - name: custom
#     kind: custom
#     path: threat-ips.txt
#     from: 2026-11-01
#     to: 2026-11-30

## MaxMind databases (.mmdb) for country and network operator. Nothing is downloaded.
# geoip:
#   country: GeoLite2-Country.mmdb
#   asn: GeoLite2-ASN.mmdb

## When people work. Without it, detectors of odd hours stay off. An end before the start means overnight.
# business_hours:
#   time_zone: Europe/Berlin
#   days: [mon, tue, wed, thu, fri]
#   hours: "07:00-20:00"
#   holidays: ["12-25", "2026-04-03"]

## How much must be known about a principal or bucket before something can be unusual for it.
# learning:
#   days: 7
#   min_events: 50

## Signatures of CloudTrail's digest files. Keys of digests in S3 are asked for (cloudtrail:ListPublicKeys); for copies,
## save them: aws cloudtrail list-public-keys --start-time 2026-01-01 --region eu-central-1 > eu-central-1-keys.json
# log_integrity:
#   key_files: [eu-central-1-keys.json]
#   list_public_keys: true

## Settings by detector; "bucketwatch detectors" lists the ids, "bucketwatch detectors explain ID" the parameters.
## dry_run keeps findings in the store and sends no alert; severity null keeps the detector's own.
# detectors:
#   principal-new-source-ip:
#     enabled: true
#     severity: low
#     dry_run: false
#     params: { baseline_days: 30 }

## Folders with detectors of your own; "bucketwatch detectors test FOLDER" runs their cases.
# detector_dirs: [./detectors]

## Findings that are expected. They are kept and counted, and not sent. All fields of match must match; each takes a
## name or a list. expires is the last day on which it holds (UTC).
# suppressions:
#   - detector: "exfiltration-*"
#     match:
#       account_id: "111122223333"
#       region: "eu-*"
#       bucket: acme-backups
#       key: "nightly/*"
#       principal: "arn:aws:iam::111122223333:role/backup"
#       source_ip: ["198.51.100.0/24"]
#       user_agent: "aws-cli/*"
#     reason: nightly backup
#     owner: storage@example.com
#     expires: 2027-01-31

## When sinks hear of a finding again (a rise in severity is told at once), when it is closed by itself (or never),
## and how many alerts of a run a sink gets one by one.
# alerts:
#   cool_down: 1h
#   cool_down_minor: 1d
#   close_after: 14d
#   max_per_run: 50

## Where findings go. min_severity is critical, high, medium, low or info. Secrets stay in environment variables.
# sinks:
## format: json for programs, text for people, chat for Amazon Q Developer in Slack or Teams.
#   - type: sns
#     topic_arn: "arn:aws:sns:eu-central-1:111122223333:bucketwatch"
#     format: json
#     role_arn: null
#     min_severity: medium
## Metrics and the heartbeat. method: put-metric-data, or emf for a log line that CloudWatch Logs turns into metrics.
#   - type: cloudwatch
#     namespace: bucketwatch
#     method: put-metric-data
#     per_detector: false
#     region: eu-central-1
#     role_arn: null
#   - type: eventbridge
#     event_bus: default
#     region: eu-central-1
#     role_arn: null
#     min_severity: info
#   - type: securityhub
#     region: eu-central-1
#     role_arn: null
#     min_severity: low
## A POST for each finding. format: json, cloudevents or slack. Give url, or url_env when the address is a secret.
#   - type: webhook
#     url: https://alerts.example.com/bucketwatch
#     secret_env: BUCKETWATCH_WEBHOOK_SECRET
#     format: json
#     min_severity: medium
#   - type: webhook
#     url_env: SLACK_WEBHOOK_URL
#     format: slack
#     min_severity: high
## Files, one finding a line: our own format, or OCSF Detection Finding.
#   - type: jsonl
#     path: findings.jsonl
#     min_severity: info
#   - type: ocsf
#     path: findings.ocsf.jsonl
#     min_severity: info
## format: json is one finding a line, text is for people.
#   - type: stdout
#     format: json
#     min_severity: info

## Bounds of a run. threads: auto is one a core. A compressed object that grows beyond max_inflated is rejected.
# limits:
#   memory: 512MB
#   threads: auto
#   max_inflated: 200MB

## Days of logs to keep, counted back from the newest event; forever deletes nothing. A run over the sources of the
## config forgets older days; findings, and the rollups that baselines learn from, stay.
# retention_days: 90
`;
