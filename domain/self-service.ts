import { type MappingRule, rulesFor } from './mapping/mapping.ts';
import { topOf } from './mapping/paths.ts';
import type { Policy, Target } from './policy.ts';
import type { ResourceTypeDefinition } from './scim/schema/definition.ts';
import { attributesRead } from './scope/attributes-read.ts';

/** What decides over a person's rights or names them everywhere. No tenant can open these. */
export const NEVER_OPEN: readonly string[] = ['userName', 'externalId', 'active', 'userType', 'roles', 'entitlements'];

/** What other systems know, reach or trust a person by. */
const CLOSED_UNLESS_OPENED = ['emails', 'phoneNumbers', 'x509Certificates'];

/** Names of attributes; `all` where that cannot be told. */
type Names = ReadonlySet<string> | 'all';

/**
 * Attributes that a person without a scope to write may not change of themselves: what gives rights; by what others know
 * them; and, unless the tenant opens it, whatever its targets match accounts by or read to decide who is theirs. Extensions
 * are an employer's words and closed beside these.
 */
export function closedToSelf(policy: Policy, type: ResourceTypeDefinition): ReadonlySet<string> {
  const decisive = policy.identityProviders.flatMap(({ targets }) => targets).flatMap(decisiveOf);
  const closed = lowerCase([...decisive, ...CLOSED_UNLESS_OPENED]);
  const open = lowerCase(policy.selfService?.open ?? []);
  const names = type.schema.attributes.map(({ name }) => name);
  const isClosed = (name: string): boolean => decisive.includes('all') || closed.has(name.toLowerCase());
  return new Set([...NEVER_OPEN, ...names.filter((name) => isClosed(name) && !open.has(name.toLowerCase()))]);
}

const lowerCase = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => name.toLowerCase()));

/** Attributes of a user by which a target finds their account, or decides whether they have one. */
function decisiveOf({ matchBy, matching, mapping, scope }: Target): readonly string[] {
  const matched = [matchBy, ...(matching?.rules.flatMap(({ attributes }) => attributes) ?? [])];
  const rules = rulesFor(mapping, 'User');
  const names = matched.flatMap((attribute): Names[] => {
    const made = rules.filter(({ target }) => topOf(target) === topOf(attribute));
    const asItIs = made.length === 0 && mapping.kind === 'like-for-like' ? [new Set([topOf(attribute)])] : [];
    return [...made.map(attributesOf), ...asItIs];
  });
  if (scope?.User !== undefined) names.push(attributesRead(scope.User));
  return names.flatMap((each) => (each === 'all' ? ['all'] : [...each]));
}

/** Where a rule has its value from. A pattern is made of what is never open. */
function attributesOf(rule: MappingRule): Names {
  if ('source' in rule) return new Set([topOf(rule.source)]);
  if ('reference' in rule) return new Set([topOf(rule.reference)]);
  if ('expression' in rule) return attributesRead(rule.expression);
  if ('unique' in rule) return together(rule.unique.map(attributesRead));
  return new Set();
}

const together = (names: readonly Names[]): Names =>
  names.includes('all') ? 'all' : new Set(names.flatMap((each) => (each === 'all' ? [] : [...each])));
