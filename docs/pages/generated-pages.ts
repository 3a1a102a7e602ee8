import { describedRoutes } from '../../api/admin/admin-routes.ts';
import type { AdminDependencies } from '../../api/admin/dependencies.ts';
import { referencePage } from '../../api/admin/openapi/reference-page.ts';
import { connectorsPage } from '../../connectors/reference-page.ts';
import { configurationPage } from '../../platform/config/reference-page.ts';
import { errorsPage } from './errors-page.ts';
import { soapPage } from './soap-page.ts';

/** The pages of docs/reference that are made from code, by file name, as they should be. */
export const generatedPages = (): Readonly<Record<string, string>> => ({
  // Routes are described, and none is called, so there is nothing for them to depend on.
  'administration-api.md': referencePage(describedRoutes({} as AdminDependencies).document),
  'configuration.md': configurationPage(),
  'connectors.md': connectorsPage(),
  'errors.md': errorsPage(),
  'soap.md': soapPage(),
});
