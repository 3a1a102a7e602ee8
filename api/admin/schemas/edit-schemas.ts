import type { z } from 'zod';
import { ProvostError } from '../../../domain/errors.ts';
import type { Policy } from '../../../domain/policy.ts';
import { type SchemaProblem, schemaProblems } from '../../../domain/scim/schema/check-schema.ts';
import type { SchemaDefinition } from '../../../domain/scim/schema/definition.ts';
import { InvalidRequest, StillInUse } from '../problem.ts';
import type { schemaInput } from './schemas.ts';

/** Most schemas of a tenant's own. */
const MOST = 100;

/** @throws ProvostError `NOT_FOUND` */
export function existingSchema(policy: Policy, id: string): SchemaDefinition {
  const folded = id.toLowerCase();
  const found = (policy.schemas ?? []).find((schema) => schema.id.toLowerCase() === folded);
  if (found === undefined) throw new ProvostError('NOT_FOUND', 'The tenant has no schema of its own with this URN.');
  return found;
}

/** Without the traits that are absent: stored they would be null. */
export const toSchema = (input: z.output<typeof schemaInput>): SchemaDefinition =>
  JSON.parse(JSON.stringify(input)) as SchemaDefinition;

/** @returns the policy with this schema in the place of the one with its URN, or added. @throws InvalidRequest */
export function withSchema(policy: Policy, schema: SchemaDefinition): Policy {
  const others = (policy.schemas ?? []).filter(({ id }) => id !== schema.id);
  refuse(schemaProblems(schema, others));
  if (others.length >= MOST) throw new ProvostError('TOO_MANY', `A tenant has at most ${MOST} schemas of its own.`);
  return { ...policy, schemas: [...others, schema].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** @throws ProvostError `UNIQUENESS` */
export function requireNewSchema(policy: Policy, { id }: SchemaDefinition): void {
  const folded = id.toLowerCase();
  if ((policy.schemas ?? []).some((schema) => schema.id.toLowerCase() === folded))
    throw new ProvostError('UNIQUENESS', 'The tenant has a schema with this URN; replace that one.', { path: 'id' });
}

/** @throws StillInUse where a resource type has it */
export function withoutSchema(policy: Policy, id: string): Policy {
  const uses = (policy.resourceTypes ?? []).filter(
    ({ schema, schemaExtensions }) => schema === id || schemaExtensions.some((extension) => extension.schema === id),
  );
  if (uses.length > 0)
    throw new StillInUse(
      'Resource types have this schema; take it out of them first.',
      uses.map(({ name }) => ({ path: `resource-types.${name}`, message: 'It has this schema.' })),
    );
  return { ...policy, schemas: (policy.schemas ?? []).filter((schema) => schema.id !== id) };
}

/** @throws InvalidRequest with everything that is wrong at once */
export function refuse(problems: readonly SchemaProblem[]): void {
  if (problems.length > 0) throw new InvalidRequest(problems);
}
