import { randomUUID } from 'node:crypto';
import { ProvostError } from '../../../domain/errors.ts';
import { asJobId } from '../../../domain/ids.ts';
import type { RoutesDependencies } from '../dependencies.ts';
import { viewOfJob } from '../jobs/routes.ts';
import { requireVersion } from '../policy-edits.ts';
import { type AdminRoute, defineRoute } from '../route.ts';
import { applyEdits } from './apply-edits.ts';
import { previewEdit } from './preview.ts';
import { policyEdited, policyEditsInput, policyPreview } from './schemas.ts';

const GROUP = 'Policy edits';

/** Edits of the configuration that say first whom they touch, and then touch them. */
export function policyPreviewRoutes(dependencies: RoutesDependencies): AdminRoute[] {
  const { edits, jobs, jobControl, record } = dependencies;
  return [
    defineRoute({
      method: 'post',
      path: '/tenants/:tenant/policy-preview',
      operation: 'previewPolicyEdit',
      group: GROUP,
      summary: 'Show what edits of the configuration would do to whom',
      description:
        'Scopes, roles and projections of every user and group are compared, before and after. Nothing is written, and no target is called.',
      permission: 'configure',
      body: policyEditsInput,
      answer: { status: 200, description: 'How many each target gains, loses and changes.', schema: policyPreview },
      versioned: true,
      async handle({ tenant, body, expectedVersion }) {
        const before = await edits.newest(tenant);
        requireVersion(before, expectedVersion);
        const after = applyEdits(before, body, dependencies);
        return { body: await previewEdit(before, after, dependencies), version: before.version };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/tenants/:tenant/policy-edits',
      operation: 'confirmPolicyEdit',
      group: GROUP,
      summary: 'Edit the configuration, and bring all whom it touches to their targets',
      description:
        'Takes what was previewed, with the version that the preview named as If-Match. Changes under way finish by the version that they were decided on; a job brings the rest along.',
      permission: 'configure',
      body: policyEditsInput,
      answer: { status: 201, description: 'The new version, and the job that does it.', schema: policyEdited },
      versioned: true,
      async handle({ body, ...request }) {
        const { tenant, principal } = request;
        const { version } = await edits.edit(request, (policy) => ({
          policy: applyEdits(policy, body, dependencies),
          result: undefined,
        }));
        const id = asJobId(randomUUID());
        await record({ tenant, principal }, 'job-started', { job: id, kind: 'policy-edit' });
        await jobControl.start({
          tenant,
          id,
          task: { kind: 'policy-edit', from: version - 1, to: version },
          startedBy: principal.credential,
        });
        const job = await jobs.find(tenant, id);
        if (job === undefined) throw new ProvostError('STORE_UNAVAILABLE', 'The job was started and is not seen yet.');
        return {
          body: { version, job: await viewOfJob(job, dependencies) },
          version,
          location: `/tenants/${tenant}/jobs/${id}`,
        };
      },
    }),
  ];
}
