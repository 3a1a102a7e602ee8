import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import type { ChangeBody, ChangeRequest, ChangeSource, Operation } from '../domain/change.ts';
import { ProvostError } from '../domain/errors.ts';
import { asChangeId, asResourceId, type ResourceId } from '../domain/ids.ts';
import type { DeriveId } from '../platform/derived-id.ts';
import { expectedVersion } from './etag.ts';
import type { Principal } from './identify/principal.ts';

export interface RequestedChange {
  readonly source: ChangeSource;
  readonly operation: Operation;
  readonly resourceType: string;
  /** Absent for a create: its id follows from the idempotency key. */
  readonly resourceId?: ResourceId;
  readonly body: ChangeBody;
  /** Version that the change must find, where the client names none. */
  readonly expectedVersion?: string;
  /** Which of several changes that one request makes; each has ids of its own. Absent where it makes one. */
  readonly part?: string;
}

/** Keyed, both: what they are made from is what clients send. */
export interface RequestDigests {
  fingerprint(material: string): string;
  readonly deriveId: DeriveId;
}

/**
 * The neutral form of a request, with ids that follow from its idempotency key: sent again with the same key it is the
 * same change to the same resource. Without a key every request is its own.
 */
export function toChangeRequest(
  request: Request,
  principal: Principal,
  change: RequestedChange,
  receivedAt: Date,
  { fingerprint, deriveId }: RequestDigests,
): ChangeRequest {
  const idempotencyKey = keyOf(request);
  const scope = [
    principal.tenant,
    principal.serviceProvider,
    principal.credential,
    idempotencyKey,
    ...(change.part === undefined ? [] : [change.part]),
  ];
  const version = expectedVersion(request) ?? change.expectedVersion;
  return {
    id: asChangeId(deriveId(['change', ...scope])),
    tenant: principal.tenant,
    source: change.source,
    actor: principal.credential,
    serviceProvider: principal.serviceProvider,
    operation: change.operation,
    resourceType: change.resourceType,
    resourceId: change.resourceId ?? asResourceId(deriveId(['resource', ...scope])),
    body: change.body,
    ...(version === undefined ? {} : { expectedVersion: version }),
    idempotencyKey: deriveId(['key', idempotencyKey, ...(change.part === undefined ? [] : [change.part])]),
    fingerprint: fingerprint(fingerprintOf(request)),
    receivedAt: receivedAt.toISOString(),
  };
}

/** @throws ProvostError `INVALID_VALUE` for a key that is no reasonable token */
export function keyOf(request: Request): string {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return randomUUID();
  const key = Array.isArray(header) ? header.join(',') : header;
  if (key.length < 1 || key.length > 255)
    throw new ProvostError('INVALID_VALUE', 'An Idempotency-Key has 1 to 255 characters.');
  return key;
}

/** What makes two requests the same. It holds a password if the body does, so only its keyed digest is kept. */
const fingerprintOf = (request: Request): string =>
  JSON.stringify([request.method, request.originalUrl, request.headers['if-match'] ?? '', request.body ?? null]);
