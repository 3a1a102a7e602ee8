import { z } from 'zod';

export type JsonSchema = { readonly [name: string]: unknown };

export type Components = ReturnType<typeof createComponents>;

/** Collects named schemas while they are referred to. */
export function createComponents() {
  const found = new Map<string, JsonSchema>();

  return {
    /**
     * @param io what is sent in or given out: a default makes a field optional in one and certain in the other
     * @returns a reference where the schema has a name, else the schema itself
     */
    refer(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
      const {
        $schema: _always,
        $defs,
        ...rest
      } = z.toJSONSchema(schema, {
        io,
        unrepresentable: 'any',
        override: ({ jsonSchema }) => {
          withoutMachineBounds(jsonSchema);
          // Answers may gain fields.
          if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
        },
      });
      for (const [name, definition] of Object.entries($defs ?? {})) found.set(name, relocated(definition));
      return relocated(rest);
    },

    schemas: (): Readonly<Record<string, JsonSchema>> =>
      Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Integers are bounded by what JavaScript can count to; that is no fact about the API. */
function withoutMachineBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

/** Definitions live in one place of the document. */
const relocated = (schema: object): JsonSchema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
