import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../config/json-schema.js';
import { parseConfig } from '../../config/load.js';
import { configTemplate } from '../../config/template.js';

const uncommented = configTemplate.replace(/^# /gm, '');

interface SchemaNode {
  readonly properties?: Record<string, SchemaNode>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly anyOf?: SchemaNode[];
  readonly oneOf?: SchemaNode[];
  readonly const?: unknown;
  readonly description?: string;
  readonly default?: unknown;
}

/** Every key of the schema, with what it is described by. */
function keysOf(node: SchemaNode): [string, SchemaNode][] {
  const own = Object.entries(node.properties ?? {});
  const nested = [
    node.items,
    node.additionalProperties,
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
    ...own.map(([, value]) => value),
  ];
  return [...own, ...nested.flatMap((child) => (typeof child === 'object' ? keysOf(child) : []))];
}

const schema = configJsonSchema() as SchemaNode;

describe('the config that init writes', () => {
  it('changes nothing as it stands', () => {
    expect(parseConfig(configTemplate, 'template')).toEqual(parseConfig('', 'empty'));
  });

  it('is valid with every key uncommented', () => {
    const config = parseConfig(uncommented, 'template');
    expect(config.sources.map(({ type }) => type)).toEqual(['s3', 'local', 'sqs']);
    expect(new Set(config.sinks.map(({ type }) => type)).size).toBe(8);
  });

  it('mentions every key of the schema', () => {
    const missing = keysOf(schema).filter(([key]) => !new RegExp(`^#[ -]*${key}:`, 'm').test(configTemplate));
    expect(missing.map(([key]) => key)).toEqual([]);
  });

  it('has no line of more than 120 columns and no tab', () => {
    expect(configTemplate.split('\n').filter((line) => line.length > 120 || line.includes('\t'))).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  it('describes every key but the type tags', () => {
    const silent = keysOf(schema).filter(([key, { description }]) => key !== 'type' && !description?.endsWith('.'));
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('states defaults as one writes them', () => {
    expect(schema.properties?.['retention_days']?.default).toBe(90);
    expect(keysOf(schema).find(([key]) => key === 'max_inflated')?.[1].default).toBe('200MB');
  });

  it('asks for no key at the top', () => {
    expect(schema).not.toHaveProperty('required');
  });
});
