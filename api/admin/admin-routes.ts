import { Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { toProvostError } from '../to-provost-error.ts';
import { linkRoutes } from './accounts/link-routes.ts';
import { accountRoutes } from './accounts/routes.ts';
import { delegationRoutes } from './approvals/delegation-routes.ts';
import { approvalRoutes } from './approvals/routes.ts';
import { approvalRuleRoutes } from './approvals/rule-routes.ts';
import { webhookRoutes } from './approvals/webhook-routes.ts';
import { attentionRoutes } from './attention/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { operatorRoutes } from './changes/operator-routes.ts';
import { repairRoutes } from './changes/repair-routes.ts';
import { changeRoutes } from './changes/routes.ts';
import { claimRoutes } from './claims/routes.ts';
import { credentialRoutes } from './credentials/routes.ts';
import type { AdminDependencies } from './dependencies.ts';
import { identityProviderRoutes } from './identity-providers/routes.ts';
import { jobRoutes } from './jobs/routes.ts';
import { mountRoutes } from './mount-routes.ts';
import { describeApi, type OpenApiDocument } from './openapi/document.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { createPolicyEdits } from './policy-edits.ts';
import { policyPreviewRoutes } from './policy-preview/routes.ts';
import { renderProblem } from './problem.ts';
import { reconciliationRoutes } from './reconciliation/routes.ts';
import { createRecord } from './record.ts';
import type { AdminRoute } from './route.ts';
import { resourceTypeRoutes } from './schemas/resource-type-routes.ts';
import { schemaRoutes } from './schemas/routes.ts';
import { selfServiceRoutes } from './self-service/routes.ts';
import { deviationRoutes } from './service-providers/deviation-routes.ts';
import { serviceProviderRoutes } from './service-providers/routes.ts';
import { targetStateRoutes } from './target-states/routes.ts';
import { targetRoutes } from './targets/routes.ts';
import { tenantRoutes } from './tenants/routes.ts';

/**
 * The administration API, to be mounted at `/admin/v1` behind `authenticate` and the JSON parser. What those two throw
 * doesn't come by here: mount {@link renderProblem} behind it for the same path, so that a 401 looks like the rest.
 *
 * @example
 * app.use('/admin/v1', authenticate(…), ...takeJson(…), createAdminRoutes(dependencies));
 * app.use('/admin/v1', toProvostError, renderProblem);
 */
export function createAdminRoutes(dependencies: AdminDependencies): Router {
  const { routes } = describedRoutes(dependencies);
  const router = Router();
  router.use(mountRoutes(routes));
  router.use(() => {
    throw new ProvostError('NOT_FOUND', 'There is nothing at this path.');
  });
  router.use(toProvostError, renderProblem);
  return router;
}

/** Every route with the document that describes them all, itself included. */
export function describedRoutes(dependencies: AdminDependencies): {
  readonly routes: readonly AdminRoute[];
  readonly document: OpenApiDocument;
} {
  const record = createRecord(dependencies);
  const given = { ...dependencies, record, edits: createPolicyEdits({ ...dependencies, record }) };
  const routes: readonly AdminRoute[] = [
    ...tenantRoutes(given),
    ...serviceProviderRoutes(given),
    ...deviationRoutes(given),
    ...credentialRoutes(given),
    ...identityProviderRoutes(given),
    ...targetRoutes(given),
    ...targetStateRoutes(given),
    ...accountRoutes(given),
    ...claimRoutes(given),
    ...selfServiceRoutes(given),
    ...schemaRoutes(given),
    ...resourceTypeRoutes(given),
    ...attentionRoutes(given),
    ...changeRoutes(given),
    ...operatorRoutes(given),
    ...repairRoutes(given),
    ...linkRoutes(given),
    ...approvalRuleRoutes(given),
    ...delegationRoutes(given),
    ...webhookRoutes(given),
    ...approvalRoutes(given),
    ...jobRoutes(given),
    ...reconciliationRoutes(given),
    ...policyPreviewRoutes(given),
    ...auditRoutes(given),
    ...openApiRoutes(() => document),
  ];
  const document = describeApi(routes);
  return { routes, document };
}
