import { once } from 'node:events';
import { Agent, createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What happens to one request. With an upstream, `pass…` kinds let it take effect there; all others keep it from doing so.
 *
 * - `answer`: answered here. `delayMs` before it; `body` an object (sent as SCIM) or a text.
 * - `drop`: the connection is closed without an answer.
 * - `hang`: taken in and never answered.
 * - `cut`: headers and half of the body, then the connection is closed.
 * - `trickle`: headers at once, then the body a byte each `everyMs`.
 * - `pass`: upstream's answer is passed back.
 * - `pass-then-drop`, `pass-then-hang`, `pass-then-cut`: done upstream, and the answer is lost in that way.
 * - `pass-then-answer`: done upstream, and another answer given in place of the true one.
 */
export type Behaviour =
  | ({ readonly kind: 'answer' } & CannedAnswer)
  | ({ readonly kind: 'cut' } & CannedAnswer)
  | ({ readonly kind: 'trickle'; readonly everyMs: number } & CannedAnswer)
  | ({ readonly kind: 'pass-then-answer' } & CannedAnswer)
  | { readonly kind: 'drop' | 'hang' | 'pass' | 'pass-then-drop' | 'pass-then-hang' | 'pass-then-cut' };

export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | string;
  readonly delayMs?: number;
}

export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What to do with a request that no script says anything about; undefined passes it on. */
export type Behave = (request: ReceivedRequest) => Behaviour | undefined | Promise<Behaviour | undefined>;

export interface FaultyTargetOptions {
  /** Base URL of the target that requests are passed on to; without one, what is not scripted is answered 404. */
  readonly upstream?: string;
  readonly behave?: Behave;
}

export interface FaultyTarget {
  /** Base URL, with the upstream's path. */
  readonly url: string;
  /** All that arrived, in order. */
  readonly received: readonly ReceivedRequest[];
  /** Connections taken in so far. */
  readonly connections: number;
  /** What happens to the next requests, one each; afterwards `behave` decides again. */
  script(...behaviours: readonly Behaviour[]): void;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** An HTTP server that fails as it is told, by itself or in front of a real target. */
export async function startFaultyTarget(options: FaultyTargetOptions = {}): Promise<FaultyTarget> {
  const upstream = options.upstream === undefined ? undefined : new URL(options.upstream);
  const agent = new Agent({ keepAlive: true });
  const received: ReceivedRequest[] = [];
  const scripted: Behaviour[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer((request, response) => {
    // A connection that breaks on the way is what this server is for.
    handle(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const body = await bytesOf(request);
    const seen: ReceivedRequest = { method, path, headers, body: body.toString() };
    received.push(seen);
    const behaviour = scripted.shift() ?? (await options.behave?.(seen)) ?? { kind: 'pass' };
    const pass = (): Promise<Answer> => passOn(request, body, upstream, agent);
    switch (behaviour.kind) {
      case 'drop':
        return drop(response);
      case 'hang':
        return;
      case 'answer':
        return whole(response, await canned(behaviour));
      case 'cut':
        return half(response, await canned(behaviour));
      case 'trickle':
        return trickle(response, await canned(behaviour), behaviour.everyMs);
      case 'pass':
        return whole(response, await pass());
      case 'pass-then-drop':
        await pass();
        return drop(response);
      case 'pass-then-hang':
        await pass();
        return;
      case 'pass-then-cut':
        return half(response, await pass());
      case 'pass-then-answer':
        await pass();
        return whole(response, await canned(behaviour));
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${upstream?.pathname ?? '/scim/v2'}`,
    received,
    get connections() {
      return connections;
    },
    script: (...behaviours) => void scripted.push(...behaviours),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}

async function passOn(
  request: IncomingMessage,
  body: Buffer,
  upstream: URL | undefined,
  agent: Agent,
): Promise<Answer> {
  if (upstream === undefined) return { status: 404, headers: {}, body: Buffer.alloc(0) };
  const { method, url: path, headers } = request;
  const sent = forward({ host: upstream.hostname, port: upstream.port, method, path, headers, agent });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { connection: _c, 'keep-alive': _k, 'transfer-encoding': _t, 'content-length': _l, ...kept } = answer.headers;
  return { status: answer.statusCode ?? 502, headers: kept, body: await bytesOf(answer) };
}

async function canned({ status, headers = {}, body = '', delayMs = 0 }: CannedAnswer): Promise<Answer> {
  if (delayMs > 0) await delay(delayMs);
  if (typeof body === 'string') return { status, headers, body: Buffer.from(body) };
  return {
    status,
    headers: { 'content-type': 'application/scim+json', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function head(response: ServerResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  if (status !== 204 && status !== 304) response.setHeader('content-length', body.length);
}

function whole(response: ServerResponse, answer: Answer): void {
  head(response, answer);
  response.end(answer.body);
}

/** At least the headers arrive before the connection ends. */
function half(response: ServerResponse, answer: Answer): void {
  head(response, { ...answer, body: answer.body.length < 2 ? Buffer.from('{}') : answer.body });
  response.flushHeaders();
  response.write(answer.body.subarray(0, answer.body.length / 2), () => setImmediate(() => response.destroy()));
}

async function trickle(response: ServerResponse, answer: Answer, everyMs: number): Promise<void> {
  head(response, answer);
  response.flushHeaders();
  for (const byte of answer.body) {
    await delay(everyMs);
    if (response.destroyed) return;
    response.write(Uint8Array.of(byte));
  }
  response.end();
}

const drop = (response: ServerResponse): void => void response.socket?.destroy();

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
