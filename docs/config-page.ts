/** docs/config.md: every key of bucketwatch.yaml, from the JSON Schema. */
import { configJsonSchema } from '../config/json-schema.js';
import { block, code, joined, page, prose, section, table } from './markdown.js';
import { takesText, withoutNull, type SchemaNode } from './schema-text.js';

const introduction = `\
\`bucketwatch.yaml\` in the working directory, or the file that \`--config\` names. Every key is optional, and the defaults are useful without
any. An unknown key is an error that names the nearest one. Paths are relative to the file. Names take \`*\` for anything.`;

export function configPage(): string {
  const { properties = {} } = configJsonSchema() as SchemaNode;
  const keys = Object.entries(properties);
  const overview = keys.map(([name, node]) => [
    `[${code(name)}](#${name})`,
    defaultText(node),
    prose(node.description ?? ''),
  ]);
  return page(
    'Config',
    introduction,
    block('sh', 'bucketwatch init example.yaml'),
    table(['key', 'default', 'meaning'], overview),
    ...keys.map(([name, node]) => section(2, code(name), keyBody(node))),
  );
}

/** What is said of a key of the top level: its meaning, and the keys inside it. */
function keyBody(node: SchemaNode): string {
  const inside = insideOf(node);
  const takes = inside.length === 0 ? `Takes ${takesText(node)}.` : '';
  return joined(
    `${prose(node.description ?? '')} ${takes} Default: ${defaultText(node)}.`.replaceAll('  ', ' '),
    ...inside,
  );
}

/** Tables of the keys of a mapping, of the items of a list, or of each variant of them. */
function insideOf(node: SchemaNode): string[] {
  const shape = itemOf(withoutNull(node));
  if (shape.oneOf === undefined) return keyTables('', shape);
  return shape.oneOf.map((variant) => {
    const type = String(variant.properties?.['type']?.const);
    return section(3, code(`type: ${type}`), ...keyTables('', variant), noKeys(variant));
  });
}

/** The items of a list, the values of a mapping by name; any other node itself. */
function itemOf(node: SchemaNode): SchemaNode {
  if (node.items !== undefined) return withoutNull(node.items);
  return typeof node.additionalProperties === 'object' ? withoutNull(node.additionalProperties) : node;
}

function keyTables(prefix: string, node: SchemaNode): string[] {
  const rows = keyRows(prefix, node);
  return rows.length === 0 ? [] : [table(['key', 'takes', 'default', 'meaning'], rows)];
}

/** A row a key; the keys of a mapping inside follow it, with its name before theirs. */
function keyRows(prefix: string, node: SchemaNode): string[][] {
  return Object.entries(node.properties ?? {}).flatMap(([name, value]) => {
    if (value.const !== undefined) return [];
    const fallback = node.required?.includes(name) === true ? 'required' : defaultText(value);
    const row = [code(prefix + name), takesText(value), fallback, prose(value.description ?? '')];
    return [row, ...keyRows(`${prefix}${name}.`, withoutNull(value))];
  });
}

function noKeys(variant: SchemaNode): string {
  return Object.keys(variant.properties ?? {}).length > 1 ? '' : 'It has no keys.';
}

function defaultText({ default: fallback }: SchemaNode): string {
  return fallback === undefined || fallback === null ? 'none' : code(JSON.stringify(fallback));
}
