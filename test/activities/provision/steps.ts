import { createHash } from 'node:crypto';
import { type AbsentContext, makeAbsent } from '../../../activities/provision/make-absent.ts';
import { makePresent, type StepContext } from '../../../activities/provision/make-present.ts';
import type { Connector } from '../../../connectors/connector.ts';
import type { StepAction } from '../../../domain/change.ts';
import { asResourceId, asTargetId, asTenantId } from '../../../domain/ids.ts';
import type { Link } from '../../../domain/link.ts';
import { DEFAULT_RETRY, type Target } from '../../../domain/policy.ts';
import { canonicalText } from '../../../domain/scim/json.ts';
import type { ScimObject } from '../../../domain/scim/resource.ts';

const TARGET: Target = {
  id: asTargetId('directory'),
  name: 'Directory',
  connector: 'scim2',
  enabled: true,
  blocking: false,
  onFailure: 'park',
  deprovision: 'delete',
  resourceTypes: ['User'],
  matchBy: 'userName',
  mapping: { kind: 'like-for-like' },
  retry: DEFAULT_RETRY,
  concurrency: 1,
  settings: {},
  sealedSecrets: {},
};

export interface Steps {
  /** One attempt, as Temporal makes it: with the link as it is stored, looking first from the second attempt on. */
  present(account: ScimObject, attempt: number): Promise<StepAction>;
  absent(attempt: number, erase?: boolean): Promise<StepAction>;
  link(): Link | undefined;
}

/** The steps of one resource on one target, its link kept in memory. */
export function stepsOn(connector: Connector, overrides: Partial<Target> = {}): Steps {
  let held: Link | undefined;
  const links = {
    find: async () => held,
    otherHolder: async () => undefined,
    save: async (link: Link) => {
      held = structuredClone(link);
    },
    remove: async () => {
      held = undefined;
    },
  };
  const context = (attempt: number): AbsentContext => ({
    connector,
    links: links as unknown as StepContext['links'],
    target: { ...TARGET, ...overrides },
    type: 'User',
    link: held,
    key: {
      tenant: asTenantId('acme'),
      target: TARGET.id,
      resourceType: 'User',
      resourceId: asResourceId('11111111-1111-4111-8111-111111111111'),
    },
    lookFirst: attempt > 1,
    hash: (content) => createHash('sha256').update(canonicalText(content)).digest('base64url'),
    signal: AbortSignal.timeout(20_000),
    deletions: { schedule: async () => undefined, cancel: async () => undefined },
    now: () => new Date(),
  });
  return {
    present: (account, attempt) =>
      makePresent(context(attempt), { account, initial: {}, kept: [], awaited: [], generated: [], outcomes: [] }),
    absent: (attempt, erase = false) => makeAbsent(context(attempt), erase),
    link: () => held,
  };
}
