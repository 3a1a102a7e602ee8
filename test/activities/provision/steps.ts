import { createHash } from 'node:crypto';
import { type AbsentContext, makeAbsent } from '../../../activities/provision/make-absent.ts';
import { makePresent, type StepContext } from '../../../activities/provision/make-present.ts';
import type { AccountType, Connector } from '../../../connectors/connector.ts';
import type { StepAction } from '../../../domain/change.ts';
import {
  asResourceId,
  asTargetId,
  asTenantId,
  type ResourceId,
  type TargetId,
  type TenantId,
} from '../../../domain/ids.ts';
import type { Link } from '../../../domain/link.ts';
import { DEFAULT_RETRY, type Target } from '../../../domain/policy.ts';
import { NOTHING_KNOWN, type Retention } from '../../../domain/retention.ts';
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
  present(account: ScimObject, attempt: number, active?: boolean): Promise<StepAction>;
  absent(attempt: number, erase?: boolean): Promise<StepAction>;
  link(): Link | undefined;
  /** What the last attempt said that the account does not keep. */
  notKept(): readonly string[];
  /** What is known of the target by now. */
  retention(): Retention;
  /** Another account showed that the target keeps it. */
  forget(path: string): Promise<void>;
}

const RESOURCE = asResourceId('11111111-1111-4111-8111-111111111111');
const NOTHING_ELSE = { initial: {}, kept: [], awaited: [], generated: [], outcomes: [] };

/** The steps of one resource on one target, its link kept in memory. */
export function stepsOn(
  connector: Connector,
  overrides: Partial<Target> = {},
  { type = 'User' as AccountType, holderOf = async (): Promise<ResourceId | undefined> => undefined } = {},
): Steps {
  let held: Link | undefined;
  let said: readonly string[] = [];
  let retention: Retention = NOTHING_KNOWN;
  const links = {
    find: async () => held,
    otherHolder: async () => undefined,
    holderOf,
    save: async (link: Link) => {
      held = structuredClone(link);
    },
    remove: async (_tenant: TenantId, _target: TargetId, resourceId: ResourceId) => {
      if (resourceId === RESOURCE) held = undefined;
    },
  };
  const retentions: StepContext['retentions'] = {
    of: async () => retention,
    learn: async (_place, { notKept = [], kept = [], onRequest = [], rewritten = [], echoed = [] }) => {
      retention = {
        notKept: [...new Set([...retention.notKept, ...notKept])].filter((path) => !kept.includes(path)),
        kept: [...new Set([...retention.kept, ...kept])].filter((path) => !notKept.includes(path)),
        onRequest: [...new Set([...retention.onRequest, ...onRequest])],
        rewritten: [...new Set([...retention.rewritten, ...rewritten])],
        echoed: [...new Set([...retention.echoed, ...echoed])],
      };
    },
    keeps: async (_place, names) => {
      retention = { ...retention, notKept: retention.notKept.filter((path) => !names.includes(path)) };
    },
  };
  const context = (attempt: number): AbsentContext => ({
    connector,
    links: links as unknown as StepContext['links'],
    retentions,
    target: { ...TARGET, ...overrides },
    type,
    link: held,
    key: {
      tenant: asTenantId('acme'),
      target: TARGET.id,
      resourceType: type,
      resourceId: RESOURCE,
    },
    lookFirst: attempt > 1,
    hash: (content) => createHash('sha256').update(canonicalText(content)).digest('base64url'),
    signal: AbortSignal.timeout(20_000),
    deletions: { schedule: async () => undefined, cancel: async () => undefined },
    now: () => new Date(),
  });
  return {
    present: async (account, attempt, active = true) => {
      const { action, notKept } = await makePresent(context(attempt), { ...NOTHING_ELSE, account, active });
      said = notKept;
      return action;
    },
    absent: (attempt, erase = false) => makeAbsent(context(attempt), erase),
    link: () => held,
    notKept: () => said,
    retention: () => retention,
    forget: (path) => retentions.keeps(context(1).key, [path]),
  };
}
