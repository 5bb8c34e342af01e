/** Says in words what a node of the config's JSON Schema takes. */
import { code } from './markdown.js';

/** The parts of JSON Schema (2020-12) that our config uses. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly const?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** The node without the null that stands for an empty key. */
export function withoutNull(node: SchemaNode): SchemaNode {
  if (Array.isArray(node.type)) return { ...node, type: node.type.filter((type) => type !== 'null').join(' or ') };
  const others = node.anyOf?.filter(({ type }) => type !== 'null');
  return others?.length === 1 ? others[0]! : node;
}

/** For example `list of text`, `` `auto` or a whole number, 1 to 256 ``. */
export function takesText(node: SchemaNode): string {
  const shape = withoutNull(node);
  const alternatives = shape.anyOf ?? shape.oneOf;
  if (alternatives !== undefined) {
    const texts = alternatives.filter(({ type }) => type !== 'null').map(takesText);
    return [...new Set(texts)].join(' or ');
  }
  if (shape.const !== undefined) return code(String(shape.const));
  if (shape.enum !== undefined) return shape.enum.map(code).join(', ');
  return plainText(shape);
}

function plainText(shape: SchemaNode): string {
  switch (shape.type) {
    case 'string':
      return 'text';
    case 'boolean':
      return '`true` or `false`';
    case 'integer':
      return `a whole number, ${shape.minimum} to ${shape.maximum}`;
    case 'number':
      return 'a number';
    case 'array':
      return `list of ${shape.items === undefined ? 'values' : takesText(shape.items)}`;
    default:
      return 'mapping';
  }
}
