import type { ChangeBody } from './change.ts';
import { asChangeId, type ChangeId } from './ids.ts';
import { isObject } from './scim/json.ts';
import { type PatchOperation, type Resource, type ScimObject, USER_SCHEMA } from './scim/resource.ts';

/** A body that may write attributes. */
type WritingBody = Exclude<ChangeBody, { kind: 'delete' | 'reproject' }>;

const QUALIFIED = `${USER_SCHEMA}:active`.toLowerCase();

/** Whether a path, or a key of a value without a path, is the User's own `active`; an extension may have one, too. */
const isActive = (path: string): boolean => ['active', QUALIFIED].includes(path.toLowerCase());

/**
 * Whether a request may end somebody's access, by its text alone: what it does to what is stored decides
 * ({@link endsAccess}), and is known only when its turn has come.
 */
export const mayEndAccess = (body: ChangeBody): boolean =>
  body.kind === 'delete' || (body.kind !== 'reproject' && activeIn(body) === false);

/** What a request leaves `active` at, by its text; undefined where it does not say. */
export function activeIn(body: WritingBody): boolean | undefined {
  if (body.kind !== 'patch') return asBoolean(body.resource['active']);
  let active: boolean | undefined;
  for (const { op, path, value } of body.operations) {
    if (op === 'remove') continue;
    const said = path === undefined ? valueOfActive(value) : isActive(path) ? value : undefined;
    active = asBoolean(said) ?? active;
  }
  return active;
}

/** Whether a change takes access away: the core attribute `active`, from anything but false to false. */
export const endsAccess = (before: ScimObject, after: ScimObject): boolean =>
  before['active'] !== false && after['active'] === false;

/** What a request says besides `active`. */
export function withoutActive(body: WritingBody): WritingBody {
  if (body.kind === 'patch') return { ...body, operations: body.operations.flatMap(otherThanActive) };
  const { active: _active, ...resource } = body.resource;
  return { ...body, resource: resource as Resource };
}

/** Id of the change that is the deactivation of another one; it follows from that one's, so it is taken out once. */
export const deactivationOf = (change: ChangeId): ChangeId => asChangeId(`${change}.deactivation`);

/** The part of a request that waits for nobody. */
export const DEACTIVATION: WritingBody = {
  kind: 'patch',
  operations: [{ op: 'replace', path: 'active', value: false }],
};

function otherThanActive(operation: PatchOperation): readonly PatchOperation[] {
  const { path, value } = operation;
  if (path !== undefined) return isActive(path) ? [] : [operation];
  if (!isObject(value)) return [operation];
  const others = Object.entries(value).filter(([name]) => !isActive(name));
  return others.length === 0 ? [] : [{ ...operation, value: Object.fromEntries(others) }];
}

const valueOfActive = (value: PatchOperation['value']) =>
  isObject(value) ? Object.entries(value).findLast(([name]) => isActive(name))?.[1] : undefined;

const asBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
