import { ProvostError } from '../errors.ts';
import { type Deviation, Deviations } from './deviation.ts';
import { isRecord } from './json.ts';
import type { Mode } from './mode.ts';
import { missingRequired } from './required.ts';
import type { Resource, ScimValue } from './resource.ts';
import { takeEntries } from './resource-entries.ts';
import { declareSchemas } from './schema/declare-schemas.ts';
import type { ResourceTypeDefinition } from './schema/definition.ts';
import { findExtension, isCoreSchema } from './schema/find-attribute.ts';
import { emptyPassword } from './values/parse-scalar.ts';
import { nameForMessage, parseValue } from './values/parse-value.ts';

export interface ParsedResource {
  /** In the schema's spelling, without `id`, `meta`, `groups` and whatever else the server computes. */
  readonly resource: Resource;
  /** In clear: hash or seal it before it goes anywhere. */
  readonly password?: string;
  readonly deviations: readonly Deviation[];
}

/**
 * A resource out of the body of a POST or PUT (RFC 7644 §3.3, §3.5.1): names in the schema's spelling, values checked
 * and kept byte for byte, read-only attributes ignored (RFC 7643 §2.2), unassigned ones left out (§2.5).
 *
 * @throws ProvostError `INVALID_SYNTAX` (not a resource; unknown attribute or schema, strict only), `INVALID_VALUE`
 *   (a value of the wrong type, a required attribute missing), `TOO_MANY`
 */
export function parseResource(
  input: unknown,
  type: ResourceTypeDefinition,
  { mode }: { readonly mode: Mode },
): ParsedResource {
  if (!isRecord(input)) throw new ProvostError('INVALID_SYNTAX', `The body must be a JSON object: one ${type.name}.`);
  const deviations = new Deviations(mode);
  const listed = listedSchemas(input, type, deviations);

  const core = new Map<string, ScimValue>();
  const extensions = new Map<string, Map<string, ScimValue>>();
  for (const { extension, attribute, value, path } of takeEntries(input, type, deviations)) {
    const holder = extension === undefined ? core : holderOf(extensions, extension);
    const parsed = parseValue(value, attribute, path, deviations);
    if (parsed !== undefined) holder.set(attribute.name, parsed);
    if (extension !== undefined && parsed !== undefined && !listed.has(extension)) {
      listed.add(extension);
      deviations.note('extension-not-listed', extension, 'INVALID_SYNTAX', `schemas must list ${extension}.`);
    }
  }

  const password = core.get('password');
  core.delete('password');
  if (password === '') throw emptyPassword();
  const assigned: Record<string, ScimValue> = Object.fromEntries(core);
  for (const [urn, attributes] of extensions) if (attributes.size > 0) assigned[urn] = Object.fromEntries(attributes);
  const resource = declareSchemas(assigned, type);

  const [missing] = missingRequired(resource, type);
  if (missing !== undefined) throw new ProvostError('INVALID_VALUE', `${missing} is required.`, { path: missing });
  return {
    resource,
    ...(typeof password === 'string' ? { password } : {}),
    deviations: deviations.list,
  };
}

function holderOf(extensions: Map<string, Map<string, ScimValue>>, urn: string): Map<string, ScimValue> {
  const holder = extensions.get(urn) ?? new Map<string, ScimValue>();
  extensions.set(urn, holder);
  return holder;
}

/** The extensions that the body lists. Whether the listed schemas are right matters in strict mode only. */
function listedSchemas(
  input: Readonly<Record<string, unknown>>,
  type: ResourceTypeDefinition,
  deviations: Deviations,
): Set<string> {
  const key = Object.keys(input).find((name) => name.toLowerCase() === 'schemas');
  const given = key === undefined ? undefined : input[key];
  const urns = (Array.isArray(given) ? given : [given]).filter((urn) => typeof urn === 'string');
  if (!Array.isArray(given) || !urns.some((urn) => isCoreSchema(type, urn)))
    deviations.note('schemas-missing', 'schemas', 'INVALID_SYNTAX', `schemas must list ${type.schema.id}.`);
  const extensions = new Set<string>();
  for (const urn of urns) {
    const extension = findExtension(type, urn);
    if (extension !== undefined) extensions.add(extension.id);
    // Entra lists its ADSCIM group schema: peers.md 3.3 no. 14.
    else if (!isCoreSchema(type, urn))
      deviations.note(
        'unknown-schema',
        'schemas',
        'INVALID_SYNTAX',
        `${type.name} has no schema ${nameForMessage(urn)}.`,
      );
  }
  return extensions;
}
