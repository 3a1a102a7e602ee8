import type { FaultySandbox } from '../end-to-end/sandbox.ts';
import type { TargetWish } from '../end-to-end/tenant.ts';

const RETRY = { initialIntervalMs: 20, maximumIntervalMs: 300, giveUpAfterMs: 600_000, heartbeatTimeoutMs: 2_000 };
/** A target that fails this often is nobody's trouble here. */
const BREAKER = { failures: 100, probeAfterMs: 100, longestProbeMs: 200 };

/** A resource as the store has it. */
export interface StoredUser {
  readonly id: string;
  readonly userName: string;
  readonly active?: boolean;
  readonly title?: string;
  readonly displayName?: string;
  readonly nickName?: string;
  readonly userType?: string;
}

/** One of the six: how it is configured, and whom it is for, in the plainest words. */
export interface TargetPlan {
  readonly wish: object;
  readonly groups: boolean;
  /** It refuses a write now and then. What it refuses is taken back, or waits for an operator. */
  readonly refuses?: boolean;
  /** What becomes of the account of somebody whom it is not for any more. */
  readonly leaves: 'inactive' | 'nothing';
  isFor(user: StoredUser, policy: { readonly scopedTo: string; readonly role: ReadonlySet<string> }): boolean;
}

const everybody = (): boolean => true;

const WITHOUT_ACTIVE = {
  kind: 'rules',
  rules: [
    { target: 'externalId', source: 'id' },
    ...['userName', 'title', 'displayName', 'nickName', 'userType'].map((name) => ({ target: name, source: name })),
  ],
};

/** Each with another policy. The fourth is for one title alone, which is edited on the way; the fifth for a role. */
export const planOf = (role: string): readonly TargetPlan[] => [
  {
    wish: { resourceTypes: ['User'], blocking: true, deprovision: 'delete' },
    groups: false,
    leaves: 'nothing',
    isFor: everybody,
  },
  { wish: { onFailure: 'compensate', deprovision: 'delete' }, groups: true, leaves: 'nothing', isFor: everybody },
  {
    wish: { onFailure: 'park', settings: { update: 'put' } },
    groups: true,
    refuses: true,
    leaves: 'inactive',
    isFor: everybody,
  },
  { wish: { resourceTypes: ['User'], onFailure: 'continue' }, groups: false, leaves: 'inactive', isFor: everybody },
  {
    wish: { resourceTypes: ['User'], deprovision: 'delete', scope: { User: scopeOf('Staff') } },
    groups: false,
    leaves: 'nothing',
    isFor: ({ title }, { scopedTo }) => title === scopedTo,
  },
  {
    // Its mapping says nothing of `active`: who is inactive is out of its scope, and enabled again on return.
    wish: {
      resourceTypes: ['User'],
      scope: { members: [role], User: 'resource.active == true' },
      mapping: WITHOUT_ACTIVE,
    },
    groups: false,
    leaves: 'inactive',
    isFor: ({ id, active }, { role: members }) => active !== false && members.has(id),
  },
];

/** Place of the target whose scope is edited. */
export const SCOPED = 4;
export const scopeOf = (title: string): string => `resource.title == "${title}"`;

export const wishOf = ({ wish }: TargetPlan, sandbox: FaultySandbox): TargetWish => {
  const { settings = {}, ...own } = wish as { settings?: object };
  return {
    ...sandbox.wish,
    concurrency: 20,
    retry: RETRY,
    breaker: BREAKER,
    ...own,
    settings: { requestTimeoutMs: 1_000, ...settings },
  };
};
