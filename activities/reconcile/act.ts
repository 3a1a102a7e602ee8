import type { ChangeBody } from '../../domain/change.ts';
import { isProvostError } from '../../domain/errors.ts';
import type { ResourceId, TenantId } from '../../domain/ids.ts';
import type { ReconciliationAction } from '../../domain/reconciliation.ts';
import { resourceOf, reverseMapping } from '../../domain/reverse-mapping.ts';
import { GROUP_SCHEMA, type PatchOperation, type ScimObject, USER_SCHEMA } from '../../domain/scim/resource.ts';
import type { Finding, FindingState } from '../../stores/findings.ts';
import type { LinkStore } from '../../stores/links.ts';
import type { ReprojectionRequest } from '../request-reprojection.ts';
import type { Run } from './examine.ts';

/** A change that takes over what a target holds. */
export interface Adoption {
  readonly tenant: TenantId;
  /** Asking again for the same finding is the same change. */
  readonly finding: string;
  readonly resourceType: string;
  /** Absent: a new resource. */
  readonly resourceId?: ResourceId;
  readonly body: ChangeBody;
}

export interface ActDependencies {
  readonly links: Pick<LinkStore, 'claim'>;
  /** Hands the change to its resource's workflow, and waits until it is written. @returns why it was refused, if it was */
  adopt(adoption: Adoption, signal: AbortSignal): Promise<string | undefined>;
}

/** What was done about a finding, and what is left to ask the resource's own workflow for. */
export interface Acted {
  readonly state: FindingState;
  readonly note?: string;
  readonly request?: ReprojectionRequest;
}

/** Does about a finding what is to be done. Doing it again does nothing more. */
export async function act(
  finding: Finding,
  action: ReconciliationAction,
  run: Run,
  dependencies: ActDependencies,
): Promise<Acted> {
  switch (action) {
    case 'report':
      return { state: 'reported' };
    case 'park':
      return { state: 'waiting' };
    case 'push':
      return reproject(finding, run);
    case 'adopt':
      return finding.situation === 'unlinked' ? link(finding, run, dependencies) : adopt(finding, run, dependencies);
    case 'delete':
      return remove(finding, run);
  }
}

/** In the resource's own workflow, so that no step of it runs beside another. */
function reproject({ resourceType, resourceId }: Finding, { tenant, id, target }: Run): Acted {
  if (resourceId === undefined) return { state: 'failed', note: 'There is no resource to bring to the target.' };
  const request = { tenant, resourceType, resourceId, targets: [target.id], cause: id, job: id, lookFirst: true };
  return { state: 'done', request };
}

/**
 * This very account, whatever the target finds by its name. A step that makes a link of its own meanwhile goes first, and
 * the resource is looked at anew in any case.
 */
async function link(finding: Finding, run: Run, { links }: ActDependencies): Promise<Acted> {
  const { tenant, resourceType, resourceId, remoteId, held } = finding;
  if (resourceId !== undefined && remoteId !== undefined) {
    const found = held === undefined ? {} : { found: held };
    await links.claim({ tenant, target: run.target.id, resourceType, resourceId, state: 'linked', remoteId, ...found });
  }
  return reproject(finding, run);
}

async function adopt(finding: Finding, run: Run, dependencies: ActDependencies): Promise<Acted> {
  const { id, tenant, resourceType, resourceId } = finding;
  const body = finding.situation === 'changed' ? changeOf(finding, run) : creationOf(finding, run);
  if (body === undefined)
    return { state: 'failed', note: 'The mapping cannot be read backwards for these attributes.' };
  const about = finding.situation === 'changed' && resourceId !== undefined ? { resourceId } : {};
  const refused = await dependencies.adopt({ tenant, finding: id, resourceType, ...about, body }, run.signal);
  return refused === undefined ? { state: 'done' } : { state: 'failed', note: refused };
}

function changeOf({ held = {}, attributes = [] }: Finding, { target }: Run): ChangeBody | undefined {
  const reversed = reverseMapping(held, target.mapping, attributes);
  if (reversed === undefined || Object.keys(reversed).length < attributes.length) return undefined;
  const given = Object.entries(reversed).filter(([, value]) => value !== undefined && value !== null);
  const gone = Object.keys(reversed).filter((name) => !given.some(([held]) => held === name));
  const operations: PatchOperation[] = [
    ...(given.length === 0 ? [] : [{ op: 'replace', value: Object.fromEntries(given) as ScimObject } as const]),
    ...gone.map((path) => ({ op: 'remove', path }) as const),
  ];
  return { kind: 'patch', operations };
}

function creationOf({ held = {}, resourceType }: Finding, { target }: Run): ChangeBody | undefined {
  const resource = resourceOf(held, target.mapping, resourceType === 'Group' ? GROUP_SCHEMA : USER_SCHEMA);
  return resource === undefined ? undefined : { kind: 'create', resource };
}

async function remove({ resourceType, remoteId }: Finding, { connector, signal }: Run): Promise<Acted> {
  if (remoteId === undefined) return { state: 'done' };
  try {
    await connector.delete(resourceType, remoteId, signal);
    return { state: 'done' };
  } catch (error) {
    if (!isProvostError(error) || error.traits.retryable) throw error;
    return { state: 'failed', note: error.facts.targetDetail ?? error.message };
  }
}
