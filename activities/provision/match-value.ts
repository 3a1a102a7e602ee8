import type { ScimObject } from '../../domain/scim/resource.ts';

/** Value of an account's attribute that accounts are matched by, e.g. `userName` or `emails.value` (its first). */
export function matchValueOf(account: ScimObject, attribute: string): string | undefined {
  const value = attribute.split('.').reduce<unknown>((outer, name) => {
    const element: unknown = Array.isArray(outer) ? outer[0] : outer;
    return typeof element === 'object' && element !== null ? (element as Record<string, unknown>)[name] : undefined;
  }, account);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
