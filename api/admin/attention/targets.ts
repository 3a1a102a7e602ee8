import type { RoutesDependencies } from '../dependencies.ts';
import { targetsInTrouble } from '../target-states/in-trouble.ts';
import type { AttentionSource } from './source.ts';

/** Targets that are paused, in quarantine, or have staged deletions; all at once, as a policy has few. */
export const troubledTargets = (
  dependencies: Pick<RoutesDependencies, 'targetStates' | 'stagedDeletions' | 'now'>,
): AttentionSource => ({
  kind: 'target',
  async read({ tenant, policy, target, code }) {
    const found = await targetsInTrouble(tenant, policy, dependencies);
    const items = found
      .filter((one) => (target === undefined || one.target === target) && (code === undefined || one.code === code))
      .map(({ identityProvider, state, because, stagedDeletions, ...rest }) => {
        const path = `/tenants/${tenant}/identity-providers/${identityProvider}/targets/${rest.target}/state`;
        const verbs: (readonly [string, string])[] = [];
        if (state === 'paused') verbs.push(['resumeTarget', 'resume']);
        if (state === 'quarantined') verbs.push(['releaseTarget', 'release'], ['extendQuarantine', 'extend']);
        if (stagedDeletions > 0)
          verbs.push(
            ['approveStagedDeletions', 'staged-deletions/approve'],
            ['rejectStagedDeletions', 'staged-deletions/reject'],
          );
        const staged = `${stagedDeletions} deletion${stagedDeletions === 1 ? '' : 's'} wait for an approval.`;
        const words = [...(because === '' ? [] : [`${because}.`]), ...(stagedDeletions > 0 ? [staged] : [])];
        return {
          kind: 'target' as const,
          ...rest,
          identityProvider,
          state,
          stagedDeletions,
          because: words.join(' '),
          actions: verbs.map(([operation, verb]) => ({ operation, method: 'POST' as const, path: `${path}/${verb}` })),
        };
      });
    return { items };
  },
});
