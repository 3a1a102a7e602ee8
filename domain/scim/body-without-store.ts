import type { ChangeBody } from '../change.ts';
import { ProvostError } from '../errors.ts';
import type { Deviations } from './deviation.ts';
import type { ScimValue } from './resource.ts';
import type { ResourceTypeDefinition } from './schema/definition.ts';
import { isStoreName, withoutPrimary } from './user-store-name.ts';

type WrittenBody = Extract<ChangeBody, { kind: 'create' | 'replace' | 'patch' }>;

/**
 * What a client asks for, with the names of users and groups as they are stored: WSO2's clients put the primary user
 * store's domain before them, `PRIMARY/maya`. Taken by the letter that is part of the name.
 *
 * @throws ProvostError `INVALID_VALUE` where nothing but the domain is given
 */
export function bodyWithoutStore<Body extends WrittenBody>(
  body: Body,
  type: ResourceTypeDefinition,
  deviations: Deviations,
): Body {
  if (deviations.mode === 'strict') return body;
  const bare = (path: string, value: ScimValue | undefined): string | undefined => {
    if (typeof value !== 'string' || !isStoreName(path, type)) return undefined;
    const name = withoutPrimary(value).trim();
    if (name === value) return undefined;
    if (name === '') throw new ProvostError('INVALID_VALUE', `${path} is a user store's domain and no name.`, { path });
    deviations.note('store-domain', path, 'INVALID_VALUE', `${path} must not have a user store's domain.`);
    return name;
  };
  if (body.kind === 'patch') {
    const operations = body.operations.map((operation) => {
      const name = operation.path === undefined ? undefined : bare(operation.path, operation.value);
      return name === undefined ? operation : { ...operation, value: name };
    });
    return { ...body, operations };
  }
  const names = Object.entries(body.resource).flatMap(([path, value]) => {
    const name = bare(path, value);
    return name === undefined ? [] : [[path, name] as const];
  });
  return names.length === 0 ? body : { ...body, resource: { ...body.resource, ...Object.fromEntries(names) } };
}
