import { applyBody, type ResourceRules } from '../domain/apply-change.ts';
import { STORE } from '../domain/change.ts';
import type { ChangeId, TenantId } from '../domain/ids.ts';
import type { PatchOperation } from '../domain/scim/resource.ts';
import type { RestoreOrder } from '../stores/resources.ts';
import type { StepEditStore } from '../stores/step-edits.ts';

/**
 * The values that an operator wants restored otherwise than they were, as a patch of what stood before.
 *
 * @returns undefined where they were restored already, or are kept no more
 */
export async function editedRestore(
  tenant: TenantId,
  change: ChangeId,
  rules: ResourceRules,
  stepEdits: Pick<StepEditStore, 'find'>,
): Promise<RestoreOrder['edited']> {
  const found = await stepEdits.find({ tenant, change, target: STORE });
  if (found === undefined || 'outcome' in found) return undefined;
  const { set, remove } = found.edit;
  const operations: PatchOperation[] = [
    ...Object.entries(set).map(([path, value]) => ({ op: 'replace' as const, path, value })),
    ...remove.map((path) => ({ op: 'remove' as const, path })),
  ];
  return ({ id, created, lastModified, store, resource: before }) => {
    const { resource } = applyBody(before, { kind: 'patch', operations }, rules, 'tolerant');
    return {
      resource,
      shadow: rules.shadow(resource, { id, created, lastModified }),
      uniqueKeys: rules.uniqueKeys(resource, store),
    };
  };
}
