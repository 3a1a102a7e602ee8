import type { Situation } from '../../../domain/reconciliation.ts';
import { namesIn } from '../changes/view.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import type { AttentionSource } from './source.ts';

const IN_WORDS: Readonly<Record<Situation, string>> = {
  changed: 'holds other values than it confirmed',
  missing: 'has no account any more that it had confirmed',
  'members-differ': 'has other members in a group than it should',
  'active-again': 'has an active account that was disabled',
  unlinked: 'has an account that matches a resource and is not linked to it',
  ambiguous: 'has an account that matches several resources',
  unknown: 'has an account that matches nobody',
};

/** What reconciliations left to a person. */
export const waitingFindings = ({ findings }: Pick<RoutesDependencies, 'findings'>): AttentionSource => ({
  kind: 'finding',
  async read({ tenant, policy, target, code, after, limit }) {
    if (code !== undefined) return { items: [] };
    const found = await findings.list(tenant, {
      state: 'waiting',
      limit: limit + 1,
      ...(target === undefined ? {} : { target }),
      ...(after === undefined ? {} : { after }),
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(({ id, target, run, situation, resourceType, resourceId, foundAt, note }) => {
        const name = namesIn(policy)(target);
        return {
          kind: 'finding',
          finding: id,
          job: run,
          situation,
          target,
          name,
          resourceType,
          ...(resourceId === undefined ? {} : { resource: resourceId }),
          since: foundAt,
          because: `${name} ${IN_WORDS[situation]}.${note === undefined ? '' : ` ${note}`}`,
          actions: [{ operation: 'decideFinding', method: 'POST', path: `/tenants/${tenant}/findings/${id}/decide` }],
        };
      }),
      ...(found.length > limit && last !== undefined ? { next: last.id } : {}),
    };
  },
});
