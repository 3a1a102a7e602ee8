import { z } from 'zod';
import { type AdminRoute, defineRoute } from '../route.ts';
import type { OpenApiDocument } from './document.ts';

/** The description of the API, served by the API. */
export const openApiRoutes = (document: () => OpenApiDocument): AdminRoute[] => [
  defineRoute({
    method: 'get',
    path: '/openapi.json',
    operation: 'readOpenApi',
    group: 'Description',
    summary: 'Read this description',
    permission: 'anybody',
    answer: { status: 200, description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) },
    handle: () => ({ body: { ...document() } }),
  }),
];
