import { isArray, isObject } from './json.ts';
import type { ScimObject, ScimValue } from './resource.ts';

/**
 * An attribute's name as a MongoDB field name. MongoDB reads `.` as a path and `$` in front as an operator; extension
 * URNs have dots. Like a URL: `%` becomes `%25`, `.` `%2E`, a leading `$` `%24`. Reversible, and most names stay as
 * they are.
 */
export const encodeKey = (name: string): string =>
  name.replaceAll('%', '%25').replaceAll('.', '%2E').replace(/^\$/, '%24');

/** The inverse of {@link encodeKey}. */
export const decodeKey = (key: string): string =>
  key.replace(/^%24/, '$').replaceAll('%2E', '.').replaceAll('%25', '%');

/** A resource or shadow with every name encoded, at any depth. */
export const toStored = (value: ScimObject): ScimObject => mapNames(value, encodeKey);

/** The inverse of {@link toStored}. Takes what the driver gives. */
export const fromStored = (value: unknown): ScimObject => mapNames(value as ScimObject, decodeKey);

const mapNames = (object: ScimObject, rename: (name: string) => string): ScimObject =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), mapValue(value, rename)]));

function mapValue(value: ScimValue, rename: (name: string) => string): ScimValue {
  if (isArray(value)) return value.map((element) => mapValue(element, rename));
  return isObject(value) ? mapNames(value, rename) : value;
}
