import type { ScimValue } from '../scim/resource.ts';

/** WSO2's user id pattern: what an account's name is put together from. */
export interface ProvisioningPattern {
  /** `{UD,UN,TD,IDP}` or `{UD}{UN}…`: user store domain, user name, tenant, identity provider, in this order. */
  readonly pattern: string;
  /** Between the parts. Default `_`. */
  readonly separator?: string;
  /** Appended as `@domain`, unless the name ends so. */
  readonly domain?: string;
}

/** Where an attribute's value at the target comes from. */
export type MappingSource =
  /** An attribute of the resource: `name.givenName`, `emails[type eq "work"].value`; `id` is its id here. */
  | { readonly source: string; readonly take?: 'first' | 'all'; readonly join?: string; readonly default?: ScimValue }
  | { readonly constant: ScimValue }
  /** CEL over `resource`, `groups` and `id`. */
  | { readonly expression: string; readonly default?: ScimValue }
  /** An attribute that holds the id of another resource: at the target, the id of that one's account. */
  | { readonly reference: string }
  /**
   * CEL expressions, of which the first whose value nobody has at the target is taken when the account is created, and
   * kept from then on. Where all are taken, the last one followed by 2, 3, ….
   */
  | { readonly unique: readonly string[] }
  | ProvisioningPattern;

/** One attribute at the target. */
export type MappingRule = MappingSource & {
  readonly target: string;
  /** `create-only`: sent when the account is created, and never touched afterwards. Default `always`. */
  readonly apply?: 'always' | 'create-only';
  /** Where there is no value: the attribute goes at the target, or stays as it is there. Default `clear`. */
  readonly whenEmpty?: 'clear' | 'keep';
  /** Only for resources of this type. */
  readonly for?: 'User' | 'Group';
};

/**
 * `like-for-like` sends every attribute of the resource as it is but those in `exclude`, and what rules say instead of
 * what they name. `rules` send what they name and nothing else.
 */
export type Mapping =
  | { readonly kind: 'like-for-like'; readonly exclude?: readonly string[]; readonly rules?: readonly MappingRule[] }
  | { readonly kind: 'rules'; readonly rules: readonly MappingRule[] };

/** Rules that are for this type of resource. */
export const rulesFor = ({ rules = [] }: Mapping, resourceType: string): readonly MappingRule[] =>
  rules.filter((rule) => rule.for === undefined || rule.for === resourceType);
