/** The config's JSON Schema, for editors: `# yaml-language-server: $schema=…` gives completion and hover texts. */
import { z } from 'zod';
import { configSchema } from './schema.js';

/** JSON Schema (2020-12) of `bucketwatch.yaml` as it is written, with defaults and descriptions. */
export function configJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input', override: restoreDefault });
  return { ...schema, title: 'bucketwatch.yaml', description: 'Config of bucketwatch. Every key is optional.' };
}

/**
 * zod leaves out defaults of keys whose value is transformed; ours are stated as they are written, so they belong
 * here.
 */
function restoreDefault({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  const stated = z.globalRegistry.get(zodSchema)?.['default'];
  if (stated !== undefined) jsonSchema.default = stated;
}
