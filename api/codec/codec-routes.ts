import { createHash, timingSafeEqual } from 'node:crypto';
import type { PayloadCodec } from '@temporalio/common';
import express, { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { ProvostError } from '../../domain/errors.ts';
import { unauthenticated } from '../identify/basic.ts';
import type { SignInLimits } from '../identify/sign-in-limits.ts';

export interface CodecDependencies {
  readonly codec: PayloadCodec;
  /** Bearer token of the endpoint; undefined: the endpoint does not exist. */
  readonly token: string | undefined;
  /** Origins of the Temporal UI that may call from a browser. */
  readonly uiOrigins: readonly string[];
  /** Limits guesses of the token. */
  readonly signIns: Pick<SignInLimits, 'attempt'>;
}

/** A payload as the Temporal UI and CLI send it: metadata and data in base64. */
const jsonPayload = z.object({
  metadata: z.record(z.string(), z.base64()).nullish(),
  data: z.base64().nullish(),
});
type JsonPayload = z.infer<typeof jsonPayload>;

/** Temporal's CLI leaves the list out where there is nothing to encode, as for a query without arguments. */
const payloadList = z.object({ payloads: z.array(jsonPayload).nullish() });

/**
 * The codec endpoint (Temporal's remote codec protocol): opens what histories hold, for those who may see it.
 *
 * The token comes as `Authorization: Bearer`, or as the last part of the path, `/codec/<token>/decode`, because the
 * Temporal UI sends no header of ours where it has no login of its own.
 */
export function createCodecRoutes({ codec, token, uiOrigins, signIns }: CodecDependencies): Router {
  const routes = Router();
  if (token === undefined) return routes;
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

  // The caller proves itself before anything of the body is read, and a small body cannot stand for a large one.
  const guarded = [
    requireToken(token, signIns),
    express.json({ limit: '8mb', type: () => true, inflate: false }),
  ] as const;
  routes.post(['/codec/:token/decode', '/codec/decode'], ...guarded, async (request, response) => {
    const payloads = await readable(() => codec.decode(payloadsOf(request.body).map(fromJson)));
    response.set('Cache-Control', 'no-store').json({ payloads: payloads.map(toJson) });
  });
  routes.post(['/codec/:token/encode', '/codec/encode'], ...guarded, async (request, response) => {
    const payloads = await codec.encode(payloadsOf(request.body).map(fromJson));
    response.set('Cache-Control', 'no-store').json({ payloads: payloads.map(toJson) });
  });
  return routes;
}

function requireToken(token: string, signIns: CodecDependencies['signIns']): RequestHandler {
  return async (request, _response, next) => {
    const given = tokenOf(request);
    if (given === undefined) throw unauthenticated();
    await signIns.attempt({ method: 'codec', address: request.ip }, async () => {
      if (!isSame(given, token)) throw unauthenticated();
    });
    next();
  };
}

function tokenOf(request: Request): string | undefined {
  const [scheme, inHeader] = (request.headers.authorization ?? '').split(' ', 2);
  const inPath = request.params['token'];
  return scheme?.toLowerCase() === 'bearer' ? inHeader : typeof inPath === 'string' ? inPath : undefined;
}

/** @throws ProvostError `INVALID_VALUE` for a payload that this installation's keys do not open */
async function readable<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (error) {
    throw new ProvostError(
      'INVALID_VALUE',
      'A payload cannot be decrypted. Check that it was encrypted with one of the keys of this installation.',
      {},
      { cause: error },
    );
  }
}

/** In constant time, whatever the lengths. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(digest(left), digest(right));
const digest = (value: string): Buffer => createHash('sha256').update(value).digest();

/** @throws ProvostError `INVALID_SYNTAX` */
function payloadsOf(body: unknown): readonly JsonPayload[] {
  const read = payloadList.safeParse(body);
  if (read.success) return read.data.payloads ?? [];
  throw new ProvostError('INVALID_SYNTAX', 'Send {"payloads": […]}, with metadata and data of each in base64.');
}

const fromJson = ({ metadata, data }: JsonPayload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  ),
  data: Buffer.from(data ?? '', 'base64'),
});

const toJson = ({ metadata, data }: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
