import type { Server } from 'node:http';

/** Until the headers have arrived, and until the whole request has: callers that send a byte now and then hold a connection no longer. */
const HEADERS_WITHIN_MS = 15_000;
const REQUEST_WITHIN_MS = 60_000;

/** Bounds what connections may cost that send nothing, or send it slowly. How long an answer takes is not limited by it. */
export function limitConnections(server: Server, { maxConnections }: { readonly maxConnections: number }): void {
  server.maxConnections = maxConnections;
  server.headersTimeout = HEADERS_WITHIN_MS;
  server.requestTimeout = REQUEST_WITHIN_MS;
}
