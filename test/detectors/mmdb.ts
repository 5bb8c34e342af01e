/** The smallest MaxMind database writer: https://maxmind.github.io/MaxMind-DB/ (format 2.0), 24-bit records, IPv6 tree. */

type Value = string | number | { readonly [key: string]: Value };

/** A database of a type with these records; networks are `address/bits`, IPv4 or full eight-part IPv6. */
export function mmdb(databaseType: string, records: Readonly<Record<string, Value>>): Buffer {
  const nodes: [Branch, Branch][] = [[null, null]];
  const data: Buffer[] = [];
  let length = 0;
  for (const [network, value] of Object.entries(records)) {
    const encoded = encode(value);
    insert(nodes, bitsOf(network), { offset: length });
    data.push(encoded);
    length += encoded.length;
  }
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [index, node] of nodes.entries()) {
    for (const side of [0, 1] as const) tree.writeUIntBE(recordOf(node[side], nodes.length), index * 6 + side * 3, 3);
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_760_000_000,
    database_type: databaseType,
    description: { en: 'made by a test' },
    ip_version: 6,
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    ...data,
    Buffer.from('abcdef', 'hex'),
    Buffer.from('MaxMind.com'),
    metadata,
  ]);
}

/** A node by number, data by its place, or nothing. */
type Branch = number | { readonly offset: number } | null;

function recordOf(branch: Branch, nodeCount: number): number {
  if (branch === null) return nodeCount;
  return typeof branch === 'number' ? branch : nodeCount + 16 + branch.offset;
}

function insert(nodes: [Branch, Branch][], bits: readonly (0 | 1)[], leaf: Branch): void {
  let node = nodes[0]!;
  for (const bit of bits.slice(0, -1)) {
    let next = node[bit];
    if (typeof next !== 'number') next = nodes.push([null, null]) - 1;
    node[bit] = next;
    node = nodes[next]!;
  }
  node[bits.at(-1)!] = leaf;
}

function bitsOf(network: string): (0 | 1)[] {
  const [address, length] = network.split('/') as [string, string];
  const isV6 = address.includes(':');
  const parts = isV6 ? address.split(':').map((part) => parseInt(part, 16)) : address.split('.').map(Number);
  const width = isV6 ? 16 : 8;
  const bits = parts.map((part) => part.toString(2).padStart(width, '0')).join('');
  const prefix = `${isV6 ? '' : '0'.repeat(96)}${bits.slice(0, Number(length))}`;
  return Array.from(prefix, (bit) => (bit === '1' ? 1 : 0));
}

/** Strings (2), unsigned 32-bit numbers (6) and maps (7), all shorter than 285. */
function encode(value: Value): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([header(6, 4), bytes]);
  }
  if (typeof value === 'string') return Buffer.concat([header(2, Buffer.byteLength(value)), Buffer.from(value)]);
  const entries = Object.entries(value);
  return Buffer.concat([header(7, entries.length), ...entries.flatMap(([key, item]) => [encode(key), encode(item)])]);
}

function header(type: number, size: number): Buffer {
  return size < 29 ? Buffer.from([(type << 5) | size]) : Buffer.from([(type << 5) | 29, size - 29]);
}
