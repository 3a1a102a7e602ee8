import type { z } from 'zod';
import type { TenantId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import { HEALTHY, standingOf } from '../../../domain/target-health.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import type { Readable } from '../route.ts';
import type { targetInTrouble } from './schemas.ts';

type InTrouble = Readable<z.input<typeof targetInTrouble>>;

/** Targets that an operator should look at: paused, in quarantine, or with deletions that wait for him. */
export async function targetsInTrouble(
  tenant: TenantId,
  { identityProviders }: Policy,
  { targetStates, stagedDeletions, now }: Pick<RoutesDependencies, 'targetStates' | 'stagedDeletions' | 'now'>,
): Promise<InTrouble[]> {
  const [closed, staged] = await Promise.all([targetStates.closedOf(tenant), stagedDeletions.countByTarget(tenant)]);
  const healths = new Map(closed.map(({ target, health }) => [target, health]));
  return identityProviders.flatMap(({ id: identityProvider, targets }) =>
    targets.flatMap((target): InTrouble[] => {
      const health = healths.get(target.id) ?? HEALTHY;
      const { state, because, since } = standingOf(health, target, now().getTime(), false);
      const stagedDeletions = staged.get(target.id) ?? 0;
      if (state !== 'paused' && state !== 'quarantined' && stagedDeletions === 0) return [];
      const { id, name } = target;
      const { quarantine } = health;
      return [
        {
          identityProvider,
          target: id,
          name,
          state,
          because,
          ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
          ...(quarantine === undefined ? {} : { code: quarantine.code, targetSaid: quarantine.message }),
          stagedDeletions,
        },
      ];
    }),
  );
}
