/** The files of the config that say what addresses are, and the clock on the wall. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { absolutePaths, parseConfig } from '../../config/load.js';
import type { FileConfig } from '../../config/schema.js';
import type { BusinessHours } from '../../config/surroundings-schema.js';
import { dropContext, prepareContext } from '../../detectors/engine/context.js';
import { localHours } from '../../detectors/engine/local-hours.js';
import { surroundingsOf } from '../../detectors/engine/surroundings.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import type { DetectorCase } from '../../fixtures/cases/case-format.js';
import { expandCase, windowOf } from '../../fixtures/cases/expand.js';
import { queryRows } from '../../store/duckdb.js';
import { temporaryFolder } from '../lake.js';
import { mmdb } from './mmdb.js';

const folder = temporaryFolder('surroundings');

function write(name: string, content: string | Buffer): string {
  fs.writeFileSync(path.join(folder, name), content);
  return name;
}

function config(text: string): FileConfig {
  return absolutePaths(parseConfig(text, 'test'), folder);
}

describe('lists', () => {
  test('are matched by address and by network, and each bad line is said with its number', async () => {
    write('feed.txt', '# feed\n198.51.100.7\nnonsense\n203.0.113.0/24 ; a hoster\n0.0.0.0/0\n2001:db8:bad::/48\n');
    const { threatLists, problems } = await surroundingsOf(
      config('threat_lists: [{ name: feed, kind: threat, path: feed.txt }]'),
    );
    const [list] = threatLists;
    const inside = ['198.51.100.7', '203.0.113.255', '2001:db8:bad:1::1', '::ffff:198.51.100.7'];
    const outside = ['198.51.100.8', '203.0.114.0', '2001:db8:bae::1', 'AWS Internal'];
    expect(inside.filter((ip) => list!.networks.has(ip))).toEqual(inside);
    expect(outside.filter((ip) => list!.networks.has(ip))).toEqual([]);
    expect(problems.map(({ text, isFatal }) => [text.replace(`${folder}/`, ''), isFatal])).toEqual([
      [expect.stringMatching(/^feed\.txt:3: "nonsense" is not a network/), false],
      [expect.stringMatching(/^feed\.txt:5: "0\.0\.0\.0\/0" is every address/), false],
    ]);
  });

  test('say five bad lines and count the others', async () => {
    write('odd.txt', `203.0.113.1\n${'x\n'.repeat(12)}`);
    const { problems } = await surroundingsOf(config('threat_lists: [{ path: odd.txt }]'));
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)!.text).toMatch(/7 more lines/);
  });

  test.each([
    ['missing.txt', /cannot be read \(ENOENT\)/],
    ['.', /cannot be read \(EISDIR\)/],
    ['empty.txt', /holds no addresses/],
    ['huge.txt', /expected at most/],
  ])('that cannot be used (%s) are a problem and leave the others', async (name, problem) => {
    write('empty.txt', '# nothing today\n');
    write('good.txt', '203.0.113.1\n');
    fs.closeSync(fs.openSync(path.join(folder, 'huge.txt'), 'w'));
    fs.truncateSync(path.join(folder, 'huge.txt'), 40 << 20);
    const both = config(`threat_lists: [{ path: ${name} }, { name: good, path: good.txt }]`);
    const { threatLists, problems } = await surroundingsOf(both);
    expect(threatLists.map((list) => list.name)).toEqual(['good']);
    expect(problems).toEqual([{ text: expect.stringMatching(problem), isFatal: true }]);
  });

  test('are read once for a config', async () => {
    write('once.txt', '203.0.113.1\n');
    const once = config('threat_lists: [{ path: once.txt }]');
    await surroundingsOf(once);
    fs.rmSync(path.join(folder, 'once.txt'));
    expect((await surroundingsOf(once)).threatLists).toHaveLength(1);
  });

  test('end with the day that the config names', () => {
    const [list] = parseConfig('threat_lists: [{ path: a, from: 2026-03-01, to: 2026-03-31 }]', 'test').threatLists;
    expect([list!.fromMs, list!.toMs]).toEqual([Date.UTC(2026, 2, 1), Date.UTC(2026, 3, 1)]);
    expect(() => parseConfig('threat_lists: [{ path: a, from: 2026-03-02, to: 2026-03-01 }]', 'test')).toThrow(
      /ends before/,
    );
  });
});

describe('databases', () => {
  const country = mmdb('GeoLite2-Country', {
    '203.0.113.0/24': { country: { iso_code: 'NL' } },
    '2001:0db8:0bad:0:0:0:0:0/48': { country: { iso_code: 'IS' } },
  });
  const asn = mmdb('GeoLite2-ASN', {
    '203.0.113.0/24': { autonomous_system_number: 64500, autonomous_system_organization: 'EXAMPLE-NET' },
    '198.51.100.0/25': { autonomous_system_number: 16509, autonomous_system_organization: 'AMAZON-02' },
  });

  test('say country and operator of an address, and null of others', async () => {
    write('country.mmdb', country);
    write('asn.mmdb', asn);
    const { locations, problems } = await surroundingsOf(config('geoip: { country: country.mmdb, asn: asn.mmdb }'));
    expect(problems).toEqual([]);
    expect(['203.0.113.9', '2001:db8:bad::1', '192.0.2.1'].map((ip) => locations.countryOf(ip))).toEqual([
      'NL',
      'IS',
      null,
    ]);
    expect(locations.operatorOf('198.51.100.127')).toEqual({ asn: 16509, organization: 'AMAZON-02' });
    expect(locations.operatorOf('198.51.100.128')).toBeNull();
  });

  test('of the wrong kind, or that are none, are a problem', async () => {
    write('country.mmdb', country);
    write('text.mmdb', 'not a database');
    const { locations, problems } = await surroundingsOf(config('geoip: { country: text.mmdb, asn: country.mmdb }'));
    expect(problems.map(({ text }) => text.replace(`${folder}/`, ''))).toEqual([
      expect.stringMatching(/^text\.mmdb: cannot be read/),
      'country.mmdb: is a database of "GeoLite2-Country"; expected one of ASN',
    ]);
    expect(locations.countryOf('203.0.113.9')).toBeNull();
  });
});

describe('the table of addresses', () => {
  let bench: CaseBench;
  beforeAll(async () => {
    bench = await CaseBench.open();
  });
  afterAll(() => bench.close());

  const story: DetectorCase = {
    why: 'requests from three places',
    config: {},
    window: { from: '2026-03-10T10:00:00Z', to: '2026-03-10T11:00:00Z' },
    defaults: { bucket: 'acme-docs', operation: 'REST.GET.OBJECT', key: 'a', identity: 'role/a' },
    events: ['203.0.113.9', '198.51.100.5', '10.0.0.1', '2001:db8:bad::9'].map((ip) => ({ at: '+5m', remote_ip: ip })),
    expect: [],
  };

  test('has what lists, ranges and databases say, and null where nobody says anything', async () => {
    write('list.txt', '203.0.113.0/24\n');
    write('ip-ranges.json', JSON.stringify({ prefixes: [{ ip_prefix: '198.51.100.0/24' }], ipv6_prefixes: [] }));
    write('country.mmdb', mmdb('GeoIP2-City', { '203.0.113.0/24': { country: { iso_code: 'NL' } } }));
    const text = `
      threat_lists: [{ name: a, path: list.txt }, { name: b, kind: tor, path: list.txt, from: 2026-01-01 }]
      networks: { aws_ranges: ip-ranges.json }
      geoip: { country: country.mmdb }`;
    const connection = await bench.lay(expandCase(story, 'addresses'));
    await prepareContext(connection, { config: config(text), ...windowOf(story) });
    const networks = await queryRows(
      connection,
      'select source_ip, is_global, is_aws, country, asn from networks order by source_ip',
    );
    const listed = await queryRows(
      connection,
      'select source_ip, list_kind, list_name, cast(listed_from as varchar) as listed_from, listed_until from threat_addresses order by list_name',
    );
    await dropContext(connection);
    expect(networks).toEqual([
      { source_ip: '10.0.0.1', is_global: false, is_aws: false, country: null, asn: null },
      { source_ip: '198.51.100.5', is_global: true, is_aws: true, country: null, asn: null },
      { source_ip: '2001:db8:bad::9', is_global: true, is_aws: false, country: null, asn: null },
      { source_ip: '203.0.113.9', is_global: true, is_aws: false, country: 'NL', asn: null },
    ]);
    expect(listed).toEqual([
      { source_ip: '203.0.113.9', list_kind: 'custom', list_name: 'a', listed_from: null, listed_until: null },
      {
        source_ip: '203.0.113.9',
        list_kind: 'tor',
        list_name: 'b',
        listed_from: '2026-01-01 00:00:00',
        listed_until: null,
      },
    ]);
  });

  test('does not know what is AWS without the ranges, or with a file that is something else', async () => {
    write('wrong.json', '{"prefixes": []}');
    const wrong = config('networks: { aws_ranges: wrong.json }');
    const connection = await bench.lay(expandCase(story, 'addresses'));
    await prepareContext(connection, { config: wrong, ...windowOf(story) });
    const rows = await queryRows(connection, 'select distinct is_aws from networks');
    await dropContext(connection);
    expect(rows).toEqual([{ is_aws: null }]);
    expect((await surroundingsOf(wrong)).problems[0]!.text).toMatch(/holds no prefixes/);
  });
});

function span(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

function hours(text: string): BusinessHours {
  return parseConfig(`business_hours: ${text}`, 'test').businessHours!;
}

/** The UTC hours of a day on which people work. */
function worked(text: string, day: string): number[] {
  const fromMs = Date.parse(`${day}T00:00:00Z`);
  return localHours(hours(text), fromMs, fromMs + 86_400_000)
    .map(({ isBusiness }, hour) => (isBusiness ? hour : -1))
    .filter((hour) => hour >= 0);
}

describe('business hours', () => {
  test.each([
    // 2026-03-27 is a Friday of winter time, 2026-03-30 a Monday of summer time in Berlin.
    ['{ time_zone: Europe/Berlin, hours: "07:00-20:00" }', '2026-03-27', span(6, 18)],
    ['{ time_zone: Europe/Berlin, hours: "07:00-20:00" }', '2026-03-30', span(5, 17)],
    ['{ time_zone: Europe/Berlin, hours: "07:00-20:00" }', '2026-03-28', []],
    // Half an hour of work makes an hour one of business.
    ['{ time_zone: UTC, hours: "09:30-17:15" }', '2026-03-27', span(9, 17)],
    // India is 5.5 hours ahead: 09:00–17:00 is 03:30–11:30 UTC.
    ['{ time_zone: Asia/Kolkata, hours: "09:00-17:00" }', '2026-03-27', span(3, 11)],
    // Friday in Auckland (+13) begins on Thursday in UTC.
    ['{ time_zone: Pacific/Auckland, days: [fri], hours: "08:00-12:00" }', '2026-03-26', span(19, 22)],
    // Overnight: the night of Friday ends on Saturday.
    ['{ time_zone: UTC, days: [fri], hours: "22:00-06:00" }', '2026-03-27', [22, 23]],
    ['{ time_zone: UTC, days: [fri], hours: "22:00-06:00" }', '2026-03-28', span(0, 5)],
    ['{ time_zone: UTC, hours: "08:00-10:00", holidays: ["2026-12-25"] }', '2026-12-25', []],
    ['{ time_zone: UTC, hours: "08:00-10:00", holidays: ["12-25"] }', '2026-12-25', []],
    ['{ time_zone: UTC, hours: "08:00-10:00", holidays: ["2025-12-25"] }', '2026-12-25', [8, 9]],
    // A holiday of the local calendar: 22:00 UTC of the 24th is 11:00 of the 25th in Auckland.
    ['{ time_zone: Pacific/Auckland, hours: "08:00-12:00", holidays: ["12-25"] }', '2026-12-24', []],
    ['{ time_zone: UTC, days: [sat, sun], hours: "00:00-24:00" }', '2026-03-28', span(0, 23)],
  ])('%s on %s', (text, day, expected) => {
    expect(worked(text, day)).toEqual(expected);
  });

  test('know the local hour and weekday', () => {
    const [hour] = localHours(
      hours('{ time_zone: America/New_York }'),
      Date.UTC(2026, 2, 30, 2),
      Date.UTC(2026, 2, 30, 3),
    );
    // 02:00 UTC on Monday is 22:00 on Sunday, summer time.
    expect(hour).toMatchObject({ hour: 22, weekday: 7, day: Date.UTC(2026, 2, 29) / 86_400_000 });
  });

  test.each(['["13-01"]', '["2026-02-30"]', '[christmas]'])('have no holiday %s', (holidays) => {
    expect(() => hours(`{ holidays: ${holidays} }`)).toThrow(/holiday|date/);
  });
});
