import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { classifyAddress } from '../../detectors/network/classify-address.js';
import { createNetworkSet } from '../../detectors/network/network-set.js';
import { addressRange } from '../../detectors/network/ranges.js';
import { parseThreatList } from '../../detectors/network/threat-list.js';

const noAddresses = [
  '',
  '-',
  'AWS Internal',
  'cloudtrail.amazonaws.com',
  '10.1',
  '0x7f.1',
  '192.0.2.256',
  '192.0.02.1',
  '192.0.2.1/24',
  'fe80::1%eth0',
  ':',
  '::g',
  ' 192.0.2.1',
  '1'.repeat(100),
];

it.each(noAddresses)('%j is no address', (text) => {
  expect(classifyAddress(text)).toBeNull();
});

describe('the scope of an address', () => {
  it.each([
    ['8.8.8.8', 'ipv4', 'global'],
    ['192.0.2.1', 'ipv4', 'global'],
    ['198.51.100.1', 'ipv4', 'global'],
    ['203.0.113.1', 'ipv4', 'global'],
    ['2001:db8::1', 'ipv6', 'global'],
    ['3fff:abc::1', 'ipv6', 'global'],
    ['10.1.2.3', 'ipv4', 'private'],
    ['172.31.0.1', 'ipv4', 'private'],
    ['172.32.0.1', 'ipv4', 'global'],
    ['::ffff:192.168.1.1', 'ipv4', 'private'],
    ['fd00::1', 'ipv6', 'private'],
    ['100.64.0.1', 'ipv4', 'shared'],
    ['127.0.0.1', 'ipv4', 'loopback'],
    ['::1', 'ipv6', 'loopback'],
    ['169.254.169.254', 'ipv4', 'link-local'],
    ['fe80::1', 'ipv6', 'link-local'],
    ['224.0.0.1', 'ipv4', 'multicast'],
    ['0.0.0.0', 'ipv4', 'unspecified'],
    ['::', 'ipv6', 'unspecified'],
    ['240.0.0.1', 'ipv4', 'reserved'],
    ['2002:c000:201::1', 'ipv6', 'global'],
  ])('%s is %s and %s', (ip, family, scope) => {
    expect(classifyAddress(ip)).toMatchObject({ family, scope });
  });

  it('gives the address in its usual form', () => {
    expect(['::FFFF:192.0.2.1', '2001:0DB8:0::0001'].map((ip) => classifyAddress(ip)?.address)).toEqual([
      '192.0.2.1',
      '2001:db8::1',
    ]);
  });
});

describe('a set of networks', () => {
  const set = createNetworkSet([
    '198.51.100.0/24',
    '198.51.101.0/24',
    '203.0.113.7',
    '2001:db8::/32',
    '::ffff:192.0.2.0/120',
  ]);

  it.each([
    ['198.51.100.0', true],
    ['198.51.101.255', true],
    ['198.51.102.0', false],
    ['198.51.99.255', false],
    ['203.0.113.7', true],
    ['203.0.113.8', false],
    ['::ffff:203.0.113.7', true],
    ['192.0.2.200', true],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', true],
    ['2001:db9::', false],
    ['AWS Internal', false],
    ['', false],
  ])('has %s: %s', (ip, expected) => {
    expect(set.has(ip)).toBe(expected);
  });

  it('joins neighbours', () => {
    expect(set.size).toBe(4);
  });

  it('may be empty, or hold everything', () => {
    expect([
      createNetworkSet([]).has('192.0.2.1'),
      createNetworkSet(['0.0.0.0/0']).has('255.255.255.255'),
      createNetworkSet(['::/0']).has('192.0.2.1'),
    ]).toEqual([false, true, false]);
  });

  it('refuses what is not a network', () => {
    expect(() => createNetworkSet(['198.51.100.0/33'])).toThrow(
      '"198.51.100.0/33" is not a network; expected a CIDR or an address',
    );
  });

  it('agrees with ipaddr.js one network at a time', () => {
    const v4 = fc.ipV4();
    const v6 = fc.ipV6().filter((ip) => !ip.includes('.'));
    const cidr = fc.oneof(
      fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
      fc.tuple(v6, fc.integer({ min: 0, max: 128 })),
    );
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 20 }), fc.oneof(v4, v6), fc.nat(), (cidrs, other, pick) => {
        const ip = cidrs.length > 0 && pick % 2 === 0 ? cidrs[pick % cidrs.length]![0] : other;
        const expected = cidrs.some(([base, bits]) => {
          const [a, b] = [ipaddr.process(ip), ipaddr.parse(base)];
          return a.kind() === b.kind() && a.match(b, bits);
        });
        expect(createNetworkSet(cidrs.map(([base, bits]) => `${base}/${bits}`)).has(ip)).toBe(expected);
      }),
    );
  });

  it('answers 100,000 questions about 20,000 networks in a second', () => {
    const networks = Array.from(
      { length: 20_000 },
      (_, index) => `${(index >> 8) + 1}.${index & 255}.${index % 7}.0/25`,
    );
    const big = createNetworkSet(networks);
    const start = performance.now();
    for (let index = 0; index < 100_000; index++) big.has(`${index & 127}.${index & 255}.3.9`);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a network', () => {
  it.each([
    ['192.0.2.0/'],
    ['192.0.2.0/-1'],
    ['192.0.2.0/24/8'],
    ['192.0.2.0/255.255.255.0'],
    ['2001:db8::/129'],
    ['::ffff:192.0.2.0/24'],
    ['example.com'],
  ])('is not %j', (text) => {
    expect(addressRange(text)).toBeNull();
  });

  it('loses its host bits', () => {
    expect(addressRange('192.0.2.77/24')).toMatchObject({ first: 0xc0000200n, last: 0xc00002ffn });
  });
});

describe('a threat list', () => {
  it('takes addresses, CIDRs, comments and the first column of a CSV', () => {
    const text =
      '\uFEFF# list of today\r\n198.51.100.7\r\n\r\n203.0.113.0/24 ; SBL000001\n// old\n  192.0.2.1\t# scanner\n"2001:db8::/32","botnet",2025\n198.51.100.9,443,online\r; end';
    expect(parseThreatList(text)).toEqual({
      entries: [
        { network: '198.51.100.7', line: 2 },
        { network: '203.0.113.0/24', line: 4 },
        { network: '192.0.2.1', line: 6 },
        { network: '2001:db8::/32', line: 7 },
        { network: '198.51.100.9', line: 8 },
      ],
      problems: [],
    });
  });

  it('steps over the header of a CSV, and only there', () => {
    expect(parseThreatList('# c\nip_address,port\n192.0.2.1,80\nip,port')).toEqual({
      entries: [{ network: '192.0.2.1', line: 3 }],
      problems: [{ line: 4, text: '"ip" is not a network; expected an address or a CIDR such as 198.51.100.0/24' }],
    });
  });

  it('says what is wrong with a line', () => {
    expect(parseThreatList('192.0.2.1\n192.0.2.300\n0.0.0.0/0\nevil\u202E.example.com').problems).toEqual([
      { line: 2, text: '"192.0.2.300" is not a network; expected an address or a CIDR such as 198.51.100.0/24' },
      { line: 3, text: '"0.0.0.0/0" is every address; expected a network of attackers' },
      {
        line: 4,
        text: String.raw`"evil\u{202e}.example.com" is not a network; expected an address or a CIDR such as 198.51.100.0/24`,
      },
    ]);
  });

  it('never throws, and every entry makes a set', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('1', '9', '.', ':', '/', '#', ',', '\n', 'a', '"', ' ') }),
        (text) => {
          expect(() => createNetworkSet(parseThreatList(text).entries.map(({ network }) => network))).not.toThrow();
        },
      ),
    );
  });
});

describe('networks that a set has something of', () => {
  const set = createNetworkSet(['198.51.100.64/26', '10.0.0.0/8', '2001:db8:51::/48']);

  it.each([
    ['198.51.100.0/24', true],
    ['198.51.100.0/26', false],
    ['198.51.100.127/32', true],
    ['198.51.101.0/24', false],
    ['10.1.2.0/24', true],
    ['0.0.0.0/0', true],
    ['2001:db8:51:7::/64', true],
    ['2001:db8:52::/48', false],
    ['AWS Internal', false],
  ])('%s: %s', (network, expected) => {
    expect(set.overlaps(network)).toBe(expected);
  });

  it('are those with an address in it', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, fc.integer({ min: 20, max: 30 }), (third, fourth, bits) => {
        const size = 2 ** (32 - bits);
        const start = Math.floor((third * 256 + fourth) / size) * size;
        const addresses = Array.from({ length: size }, (_, n) => start + n).filter((n) => n < 65_536);
        const isInside = addresses.some((n) => set.has(`198.51.${n >> 8}.${n & 255}`));
        expect(set.overlaps(`198.51.${start >> 8}.${start & 255}/${bits}`)).toBe(isInside);
      }),
    );
  });
});
