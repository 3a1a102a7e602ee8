export { type BulkEngine, createBulkEngine } from './bulk-engine.ts';
export { type BulkResponse, type OperationResponse, operationResponse } from './bulk-response.ts';
export { createBulkRoutes } from './bulk-routes.ts';
export { type BulkFacts, type BulkRunner, type BulkRunnerDependencies, createBulkRunner } from './bulk-runner.ts';
export { sayLimit } from './say-limit.ts';
