/** Writes docs/reference/administration-api.md: `node api/admin/openapi/write-reference.ts`. */
import { writeFileSync } from 'node:fs';
import { describedRoutes } from '../admin-routes.ts';
import type { AdminDependencies } from '../dependencies.ts';
import { referencePage } from './reference-page.ts';

const PAGE = new URL('../../../docs/reference/administration-api.md', import.meta.url);

/** The page as it should be. Routes are described, and none is called, so there is nothing for them to depend on. */
export const administrationPage = (): string => referencePage(describedRoutes({} as AdminDependencies).document);

if (import.meta.main) writeFileSync(PAGE, administrationPage());
