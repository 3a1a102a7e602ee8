import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Request } from 'express';
import SCIMMYRouters from 'scimmy-routers';
import { openAccountFile } from './sandbox/account-file.ts';
import { type ArrivedRequest, accountPage } from './sandbox/account-page.ts';
import { declareScimmyResources } from './sandbox/scimmy-handlers.ts';

const PREFIX = '/scim/v2';
const MOST_REMEMBERED = 30;

export interface SandboxTargetOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Bearer token that the SCIM endpoints want. */
  readonly token: string;
  /** Where accounts are kept; without it they go with the process. */
  readonly dataFile?: string;
}

export interface SandboxTarget {
  /** Base of the SCIM endpoints: a target's `baseUrl`. */
  readonly url: string;
  /** Page that lists what arrived. */
  readonly pageUrl: string;
  /** How many users it holds. Asking by SCIM would copy every one of them. */
  countUsers(): number;
  stop(): Promise<void>;
}

/**
 * A SCIM 2.0 server to provision to, so that a checkout has a target that others wrote: scimmy. It shows what arrived at
 * `GET /`, to anybody who can reach it: it is for development.
 *
 * scimmy keeps its resource types and their base path in global state. Several sandboxes in one process share both;
 * accounts and token are each one's own.
 */
export async function startSandboxTarget(options: SandboxTargetOptions): Promise<SandboxTarget> {
  const file = openAccountFile(options.dataFile);
  const arrived: ArrivedRequest[] = [];
  declareScimmyResources();

  const app = express();
  app.disable('x-powered-by');
  app.get('/', (request, response) => {
    if (request.accepts(['json', 'html']) === 'json') {
      response.json({ users: [...file.accounts.users.values()], groups: [...file.accounts.groups.values()] });
      return;
    }
    response.set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    response.type('html').send(accountPage(file.accounts, arrived));
  });
  app.use(PREFIX, (request, response, next) => {
    // Express 5 parses the query anew each time it is asked for: scimmy-routers writes numbers into it, and reads on.
    Object.defineProperty(request, 'query', { value: { ...request.query }, writable: true });
    const { method, path } = request;
    response.once('finish', () => {
      // What was searched for stays out of the page: it may be a name.
      arrived.unshift({ at: new Date(), method, path, status: response.statusCode });
      arrived.length = Math.min(arrived.length, MOST_REMEMBERED);
    });
    next();
  });
  app.use(
    PREFIX,
    new SCIMMYRouters({ type: 'bearer', handler: bearerCheck(options.token), context: () => file }) as express.Router,
  );

  const server = app.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}${PREFIX}`,
    pageUrl: `http://${host}:${port}/`,
    countUsers: () => file.accounts.users.size,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const bearerCheck =
  (token: string) =>
  (request: Request): string => {
    const given = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), digest(token))) throw new Error('The bearer token is missing or wrong');
    return 'provost';
  };

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
