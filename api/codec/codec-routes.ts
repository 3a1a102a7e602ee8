import { createHash, timingSafeEqual } from 'node:crypto';
import type { PayloadCodec } from '@temporalio/common';
import express, { type Request, Router } from 'express';
import { ProvostError } from '../../domain/errors.ts';
import { unauthenticated } from '../identify/basic.ts';

export interface CodecDependencies {
  readonly codec: PayloadCodec;
  /** Bearer token of the endpoint; undefined keeps it closed. */
  readonly token: string | undefined;
  /** Origins of the Temporal UI that may call from a browser. */
  readonly uiOrigins: readonly string[];
}

/** A payload as the Temporal UI and CLI send it: metadata and data in base64. */
interface JsonPayload {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly data?: string;
}

/**
 * The codec endpoint (Temporal's remote codec protocol): opens what histories hold, for those who may see it.
 *
 * The token comes as `Authorization: Bearer`, or as the last part of the path, `/codec/<token>/decode`, because the
 * Temporal UI sends no header of ours where it has no login of its own.
 */
export function createCodecRoutes({ codec, token, uiOrigins }: CodecDependencies): Router {
  const routes = Router();
  routes.use('/codec', (request, response, next) => {
    const origin = request.headers.origin;
    if (origin !== undefined && uiOrigins.includes(origin)) {
      response.set({
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Namespace',
        'Access-Control-Allow-Methods': 'POST, OPTIONS',
        Vary: 'Origin',
      });
    }
    if (request.method === 'OPTIONS') response.status(204).end();
    else next();
  });

  const body = express.json({ limit: '8mb', type: () => true });
  routes.post(['/codec/:token/decode', '/codec/decode'], body, async (request, response) => {
    requireToken(request, token);
    const payloads = await codec.decode(payloadsOf(request.body).map(fromJson));
    response.set('Cache-Control', 'no-store').json({ payloads: payloads.map(toJson) });
  });
  routes.post(['/codec/:token/encode', '/codec/encode'], body, async (request, response) => {
    requireToken(request, token);
    const payloads = await codec.encode(payloadsOf(request.body).map(fromJson));
    response.json({ payloads: payloads.map(toJson) });
  });
  return routes;
}

function requireToken(request: Request, token: string | undefined): void {
  const [scheme, inHeader] = (request.headers.authorization ?? '').split(' ', 2);
  const inPath = request.params['token'];
  const given = scheme?.toLowerCase() === 'bearer' ? inHeader : typeof inPath === 'string' ? inPath : undefined;
  if (token === undefined || given === undefined || !isSame(given, token)) throw unauthenticated();
}

/** In constant time, whatever the lengths. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/** Temporal's CLI leaves the list out where there is nothing to encode, as for a query without arguments. */
function payloadsOf(body: unknown): readonly JsonPayload[] {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const payloads = isObject ? ('payloads' in body ? (body.payloads ?? []) : []) : undefined;
  if (!Array.isArray(payloads)) throw new ProvostError('INVALID_SYNTAX', 'The body must be {"payloads": […]}.');
  return payloads as JsonPayload[];
}

const fromJson = ({ metadata = {}, data = '' }: JsonPayload) => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
});

const toJson = ({
  metadata,
  data,
}: {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}): JsonPayload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
