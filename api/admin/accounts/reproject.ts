import { randomUUID } from 'node:crypto';
import { asChangeId, type ChangeId, type ResourceId, type TargetId, type TenantId } from '../../../domain/ids.ts';
import { type Policy, residentOf } from '../../../domain/policy.ts';
import type { ChangeDoor } from '../../change-door.ts';

export interface ReprojectOrder {
  readonly tenant: TenantId;
  readonly resourceType: string;
  readonly resourceId: ResourceId;
  readonly target: TargetId;
  /** Credential id. */
  readonly actor: string;
  /** Have people asked once more about what was not approved for the target. */
  readonly asksAgain?: boolean;
}

/** Has one resource brought to one target now, compared with what that really holds. @returns the change that does it */
export type Reproject = (order: ReprojectOrder) => Promise<ChangeId>;

export const createReproject =
  ({
    submit,
    policies,
    now,
  }: {
    readonly submit: ChangeDoor;
    readonly policies: { current(tenant: TenantId): Promise<Policy> };
    now(): Date;
  }): Reproject =>
  async ({ tenant, resourceType, resourceId, target, actor, asksAgain = false }) => {
    const policy = await policies.current(tenant);
    const id = asChangeId(randomUUID());
    const { change } = await submit(
      {
        id,
        tenant,
        source: 'console',
        actor,
        serviceProvider: residentOf(policy).id,
        operation: 'reproject',
        resourceType,
        resourceId,
        body: { kind: 'reproject', targets: [target], lookFirst: true, ...(asksAgain ? { asksAgain } : {}) },
        idempotencyKey: id,
        fingerprint: id,
        receivedAt: now().toISOString(),
      },
      policy.version,
      false,
    );
    return change;
  };
