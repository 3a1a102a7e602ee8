import type { Request } from 'express';
import type { TenantId } from '../../domain/ids.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Deviation } from '../../domain/scim/deviation.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import type { Sealer } from '../../domain/sealing.ts';
import type { DeriveId } from '../../platform/derived-id.ts';
import type { AssignedValues } from '../../stores/assigned-values.ts';
import type { VirtualAttributes } from '../../stores/filter/virtual-attributes.ts';
import type { ResourceStore } from '../../stores/resources.ts';
import type { ChangeDoor } from '../change-door.ts';
import type { RequestContext } from '../request-context.ts';
import type { Asynchronous } from './asynchronous/asynchronous.ts';
import type { BulkRunner } from './bulk/index.ts';
import type { ComputeAttributes } from './computed-attributes.ts';

/** What every SCIM 2.0 route is given. */
export interface Scim2Dependencies {
  readonly submit: ChangeDoor;
  readonly resources: ResourceStore;
  readonly policies: { current(tenant: TenantId): Promise<Policy> };
  hashPassword(password: string): Promise<string>;
  /** Keyed digest of a request, so that the same Idempotency-Key with another request is noticed. */
  fingerprint(material: string): string;
  /** Ids that follow from a request. */
  readonly deriveId: DeriveId;
  /** Counts what a client of an `observed` service provider did differently from the RFCs. */
  observeDeviations(context: RequestContext, deviations: readonly Deviation[]): void;
  /** Scheme, host and port under which clients reach the API. */
  readonly publicUrl: string;
  now(): Date;
  /** Seals cursors; without it there is no paging by cursor. Every API process needs the same keys. */
  readonly sealer?: Sealer;
  /** Seconds that a cursor is good for. Default 3 600. */
  readonly cursorLifetimeSeconds?: number;
  /** Attributes of a type that can be filtered by and are not stored with the resource: memberships. */
  readonly virtual?: (tenant: TenantId, type: ResourceTypeDefinition) => VirtualAttributes | undefined;
  /** Computes what is not stored with a resource: memberships. */
  readonly computed?: ComputeAttributes;
  /** Values of roles and entitlements in use; without it there are no /Roles and /Entitlements. */
  readonly assigned?: AssignedValues;
  /** Does bulk requests; without it there is no /Bulk. */
  readonly bulk?: BulkRunner;
  /** Without it every request is answered when it is done, whatever the client prefers. */
  readonly asynchronous?: Asynchronous;
  /** What /ServiceProviderConfig says beyond what is always served. Default: no bulk. */
  readonly features?: ScimFeatures;
}

/** Parts of SCIM that an API may be composed without. */
export interface ScimFeatures {
  /** Absent: not served. */
  readonly bulk?: { readonly maxOperations: number; readonly maxPayloadSize: number };
}

/** Where this SCIM service is, by the path that the client used: `/scim/v2`, `/scim2`, `/t/acme/scim2`. */
export const baseUrlOf = (request: Request, { publicUrl }: Pick<Scim2Dependencies, 'publicUrl'>): string =>
  `${publicUrl}${request.baseUrl}`;
