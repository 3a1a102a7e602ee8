import { foldCase } from '../../domain/scim/fold-case.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';

/**
 * Value of an account's attribute that accounts are matched by, e.g. `userName`, `emails.value` (its first) or
 * `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber`.
 */
export function matchValueOf(account: ScimObject, attribute: string): string | undefined {
  const value = namesOf(attribute).reduce<unknown>((outer, name) => {
    const element: unknown = Array.isArray(outer) ? outer[0] : outer;
    return typeof element === 'object' && element !== null ? valueNamed(element, name) : undefined;
  }, account);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A URN has dots of its own, and is one name. */
function namesOf(attribute: string): string[] {
  const urnEnd = /^urn:/i.test(attribute) ? attribute.lastIndexOf(':') : -1;
  const names = attribute.slice(urnEnd + 1).split('.');
  return urnEnd === -1 ? names : [attribute.slice(0, urnEnd), ...names];
}

/** Attribute names are the same in any letter case (RFC 7643 §2.1). */
function valueNamed(object: object, name: string): unknown {
  const wanted = foldCase(name);
  return Object.entries(object).find(([held]) => foldCase(held) === wanted)?.[1];
}
