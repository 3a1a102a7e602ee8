import { createResourceRules } from '../../../domain/apply-change.ts';
import { type BulkStep, type BulkWork, type ShownOperation, toBulkError } from '../../../domain/bulk/bulk-step.ts';
import { inOrder } from '../../../domain/bulk/in-order.ts';
import {
  type PostponedAttribute,
  postponeReferences,
  referencesIn,
  resolveReferences,
} from '../../../domain/bulk/references.ts';
import type { ChangeBody, ChangeRequest, Operation } from '../../../domain/change.ts';
import { mayEndAccess } from '../../../domain/deactivation.ts';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { asChangeId, asResourceId, type ResourceId } from '../../../domain/ids.ts';
import { PRIMARY_STORE } from '../../../domain/policy.ts';
import type { Deviation } from '../../../domain/scim/deviation.ts';
import { isArray, isObject } from '../../../domain/scim/json.ts';
import type { Mode } from '../../../domain/scim/mode.ts';
import { requireTrue } from '../../../domain/scim/patch/read-only-claims.ts';
import { PATCH_SCHEMA, type PatchDialect } from '../../../domain/scim/patch/read-operations.ts';
import type { ScimObject, ScimValue } from '../../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../../domain/scim/schema/definition.ts';
import type { DeriveId } from '../../../platform/derived-id.ts';
import { expectedVersion } from '../../etag.ts';
import type { Principal } from '../../identify/principal.ts';
import { readChangeBody } from '../change-body.ts';
import { locateOperation, type Place, requireScope } from './locate-operation.ts';
import { readOperation, type SentOperation, shownOf } from './read-bulk-request.ts';

export interface PlanFacts {
  readonly principal: Principal;
  /** What the ids of all changes follow from. */
  readonly scope: readonly string[];
  readonly receivedAt: string;
  readonly conformance: Mode;
  /** False where nothing is stored: a reference to what does not exist yet does no harm then. */
  readonly isStored: boolean;
  readonly types: readonly ResourceTypeDefinition[];
  /** Whose words a PATCH is refused in. */
  readonly dialect: PatchDialect;
  /** A resource as its clients see it; undefined where nothing is stored. */
  shown(type: ResourceTypeDefinition, id: ResourceId): Promise<ScimObject | undefined>;
  hashPassword(password: string): Promise<string>;
  fingerprint(material: string): string;
  readonly deriveId: DeriveId;
}

export interface BulkPlan {
  readonly pages: readonly (readonly BulkStep[])[];
  readonly deviations: readonly Deviation[];
}

/** Steps on one page, at least; a circle is not divided. */
const PAGE = 50;

/** Passwords hashed at once. */
const AT_ONCE = 8;

/** An operation that was read: refused, or with what it will do. */
interface Read {
  readonly shown: ShownOperation;
  readonly refused?: ProvostError;
  readonly sent?: SentOperation;
  readonly place?: Place;
  /** Indexes of the creations whose resources its data or path names. */
  readonly refers: readonly number[];
}

/**
 * What a bulk request will do, change by change, before any of it is done: every operation is checked, every reference
 * between them is resolved to the id that the new resource will have, and they are put into an order in which each can
 * be done (RFC 7644 §3.7.1). A malformed operation fails alone, in its turn.
 */
export async function planBulk(operations: readonly unknown[], facts: PlanFacts): Promise<BulkPlan> {
  const creations = new Map<string, number>();
  const inForm = operations.map((input, index) => read(input, index, facts, creations));
  const reads = inForm.map((operation) => resolve(operation, creations, facts));
  const idOf = (name: string): string => newId(creationNamed(name, creations), facts);

  // What a circle makes is completed by steps of its own, and whatever comes later to the same resource comes after.
  const before = sameResource(reads);
  const circles = inOrder(reads.map(({ refers }, index) => [...refers, ...(before[index] ?? [])]));

  const pages: BulkStep[][] = [];
  const last = new Map<number, number>();
  const deviations: Deviation[] = [];
  let position = 0;
  for (const batch of batches(circles, AT_ONCE)) {
    const made = await Promise.all(batch.map((circle) => workOf(circle, reads, idOf, facts)));
    for (const [at, circle] of batch.entries()) {
      const works = made[at] ?? [];
      const steps = stepsOf(circle, works, { reads, before, last, position });
      deviations.push(...works.flatMap(({ deviations: some }) => some));
      position += steps.length;
      const page = pages.at(-1);
      if (page === undefined || page.length + steps.length > PAGE) pages.push([...steps]);
      else page.push(...steps);
    }
  }
  return { pages: inTurn(pages, facts.types), deviations };
}

function read(input: unknown, operation: number, facts: PlanFacts, creations: Map<string, number>): Read {
  const shown = { operation, ...shownOf(input) };
  try {
    const sent = readOperation(input);
    const { method, bulkId } = sent;
    if (method === 'POST' && bulkId !== undefined) {
      if (creations.has(bulkId))
        throw new ProvostError('INVALID_VALUE', 'Another POST of this request has the same bulkId.', {
          path: 'bulkId',
        });
      creations.set(bulkId, operation);
    }
    const place = locateOperation(sent, facts.types);
    const located = { ...shown, endpoint: place.type.endpoint };
    try {
      requireScope(facts.principal.scopes, method, place.type);
    } catch (error) {
      return { shown: located, refused: asRefusal(error), refers: [] };
    }
    return { shown: located, sent, place, refers: [] };
  } catch (error) {
    return { shown, refused: asRefusal(error), refers: [] };
  }
}

/** Finds what an operation refers to. The data itself keeps its references until it is known what is part of a circle. */
function resolve(operation: Read, creations: ReadonlyMap<string, number>, facts: PlanFacts): Read {
  const { sent, place, shown } = operation;
  if (sent === undefined || place === undefined) return operation;
  try {
    const inPath = /^bulkId:(.+)$/s.exec(place.id ?? '')?.[1];
    const names = new Set([
      ...(inPath === undefined ? [] : [inPath]),
      ...(sent.data === undefined ? [] : referencesIn(sent.data)),
    ]);
    const refers = [...names].map((name) => creationNamed(name, creations));
    const resourceId =
      place.id === undefined
        ? newId(shown.operation, facts)
        : inPath === undefined
          ? asResourceId(place.id)
          : newId(creationNamed(inPath, creations), facts);
    return { ...operation, shown: { ...shown, resourceId }, refers };
  } catch (error) {
    return { shown, refused: asRefusal(error), refers: [] };
  }
}

function creationNamed(name: string, creations: ReadonlyMap<string, number>): number {
  const found = creations.get(name);
  if (found !== undefined) return found;
  throw new ProvostError(
    'INVALID_VALUE',
    `No POST of this request has the bulkId ${name.slice(0, 64)}, which this operation refers to.`,
    { path: 'bulkId' },
  );
}

/** For each operation the one before it on the same resource; creation is first wherever it stands. */
function sameResource(reads: readonly Read[]): readonly (readonly number[])[] {
  const standing = new Map<string, number>();
  for (const { shown, sent } of reads)
    if (sent?.method === 'POST' && shown.resourceId !== undefined) standing.set(shown.resourceId, shown.operation);
  return reads.map(({ shown, sent }) => {
    if (sent === undefined || sent.method === 'POST' || shown.resourceId === undefined) return [];
    const previous = standing.get(shown.resourceId);
    standing.set(shown.resourceId, shown.operation);
    return previous === undefined ? [] : [previous];
  });
}

interface Works {
  readonly work: BulkWork;
  /** What completes it, where it is part of a circle. */
  readonly completion?: BulkWork;
  readonly takeBack?: ChangeRequest;
  readonly deviations: readonly Deviation[];
}

async function workOf(
  circle: readonly number[],
  reads: readonly Read[],
  idOf: (name: string) => string,
  facts: PlanFacts,
): Promise<Works[]> {
  const works: Works[] = [];
  for (const index of circle) {
    const operation = reads[index];
    if (operation === undefined) throw new Error(`there is no operation ${index}`);
    const isCircular = circle.length > 1 || operation.refers.includes(index);
    const later = isCircular ? circle.flatMap((other) => reads[other]?.sent?.bulkId ?? []) : [];
    works.push(await workOfOne(operation, new Set(later), idOf, facts));
  }
  return works;
}

async function workOfOne(
  { sent, place, shown, refused }: Read,
  later: ReadonlySet<string>,
  idOf: (name: string) => string,
  facts: PlanFacts,
): Promise<Works> {
  if (refused !== undefined) return { work: refusal(refused), deviations: [] };
  if (sent === undefined || place === undefined) throw new Error('an operation was neither read nor refused');
  const { type } = place;
  try {
    if (sent.method === 'DELETE')
      return { work: toWork(changeOf({ kind: 'delete' }, sent, shown, type, facts)), deviations: [] };
    const kind = ({ POST: 'create', PUT: 'replace', PATCH: 'patch' } as const)[sent.method];
    const data = kind === 'patch' ? asPatch(sent.data ?? null) : (sent.data ?? null);
    const { data: now, postponed } =
      facts.isStored && isObject(data) && later.size > 0 ? postponeReferences(data, later) : { data, postponed: [] };
    const resolved = resolveReferences(now, idOf);
    // How a PATCH of SCIM 1.1 strays once it is put into operations is not the client's doing.
    const mode = kind === 'patch' && facts.dialect === 'scim1' ? 'tolerant' : facts.conformance;
    const { hashPassword, dialect } = facts;
    const { body, deviations, claims } = await readChangeBody(kind, resolved, type, mode, hashPassword, dialect);
    if (claims.length > 0 && shown.resourceId !== undefined)
      requireTrue(claims, (await facts.shown(type, shown.resourceId)) ?? { id: shown.resourceId });
    const work = toWork(changeOf(body, sent, shown, type, facts));
    if (postponed.length === 0) return { work, deviations };
    const completing = resolveReferences(additionOf(postponed), idOf);
    const completion = await readChangeBody('patch', completing, type, 'tolerant', facts.hashPassword);
    return {
      work,
      completion: toWork(changeOf(completion.body, {}, shown, type, facts, 'completion')),
      takeBack: changeOf({ kind: 'delete' }, {}, shown, type, facts, 'take-back'),
      deviations,
    };
  } catch (error) {
    return { work: refusal(error), deviations: [] };
  }
}

/** RFC 7644 §3.7.3 shows the operations of a PATCH as `data` itself. */
const asPatch = (data: ScimValue): ScimValue => (isArray(data) ? { schemas: [PATCH_SCHEMA], Operations: data } : data);

const additionOf = (postponed: readonly PostponedAttribute[]): ScimValue => ({
  schemas: [PATCH_SCHEMA],
  Operations: postponed.map(({ path, value }) => ({ op: 'add', path, value })),
});

function changeOf(
  body: ChangeBody,
  { version, ...sent }: Partial<SentOperation>,
  { operation, resourceId }: ShownOperation,
  type: ResourceTypeDefinition,
  facts: PlanFacts,
  part = 'operation',
): ChangeRequest {
  const { principal, scope } = facts;
  if (resourceId === undefined) throw new Error('an operation without a resource makes no change');
  const own = [...scope, String(operation), part];
  const expected = version === undefined ? undefined : expectedVersion({ headers: { 'if-match': version } });
  return {
    id: asChangeId(facts.deriveId(['change', ...own])),
    tenant: principal.tenant,
    source: 'bulk',
    actor: principal.credential,
    serviceProvider: principal.serviceProvider,
    operation: body.kind satisfies Operation,
    resourceType: type.name,
    resourceId,
    body,
    ...(expected === undefined ? {} : { expectedVersion: expected }),
    idempotencyKey: facts.deriveId(['key', ...own]),
    fingerprint: facts.fingerprint(JSON.stringify([part, sent, version ?? ''])),
    receivedAt: facts.receivedAt,
  };
}

const newId = (operation: number, { scope, deriveId }: PlanFacts): ResourceId =>
  asResourceId(deriveId(['resource', ...scope, String(operation)]));

const toWork = (change: ChangeRequest): BulkWork => ({ kind: 'change', change, urgent: mayEndAccess(change.body) });

const refusal = (error: unknown): BulkWork => ({ kind: 'refused', error: toBulkError(asRefusal(error)) });

/** What is no failure of the operation ends the whole request. */
function asRefusal(error: unknown): ProvostError {
  if (isProvostError(error) && !error.traits.retryable) return error;
  throw error;
}

interface Surroundings {
  readonly reads: readonly Read[];
  readonly before: readonly (readonly number[])[];
  /** The last step of each operation that has its steps already. */
  readonly last: Map<number, number>;
  /** Of the first step made here. */
  readonly position: number;
}

/** First what a circle can do at once, then what completes it. */
function stepsOf(circle: readonly number[], works: readonly Works[], surroundings: Surroundings): BulkStep[] {
  const { reads, before, last, position } = surroundings;
  const first: BulkStep[] = [];
  const second: BulkStep[] = [];
  const all = circle.map((_operation, at) => position + at);
  for (const [at, index] of circle.entries()) {
    const [operation, made] = [reads[index], works[at]];
    if (operation === undefined || made === undefined) throw new Error(`operation ${index} has no work`);
    const { shown, refers, sent } = operation;
    const { work, completion, takeBack } = made;
    const outside = (others: readonly number[]): number[] =>
      others.flatMap((other) => (circle.includes(other) ? [] : (last.get(other) ?? [])));
    // A resource that this request makes must have been made, whether the path says so by its bulkId or by its id.
    const previous = outside(before[index] ?? []);
    const completedBy = completion === undefined ? undefined : position + circle.length + second.length;
    first.push({
      position: position + at,
      shown,
      after: sent?.method === 'POST' ? [] : previous,
      needs: outside(refers),
      work,
      ...(completedBy === undefined ? {} : { completedBy }),
    });
    if (completion !== undefined && completedBy !== undefined)
      second.push({
        position: completedBy,
        shown,
        after: [],
        needs: all,
        work: completion,
        ...(takeBack === undefined ? {} : { takeBack }),
      });
    last.set(index, completedBy ?? position + at);
  }
  return [...first, ...second];
}

/**
 * Two that want the same unique value come in the request's order, so that the first gets it; what is created comes
 * after what was deleted before it, which may free its name. Only within a page: pages come one after another anyway.
 */
function inTurn(pages: readonly (readonly BulkStep[])[], types: readonly ResourceTypeDefinition[]): BulkStep[][] {
  return pages.map((page) => {
    const holders = new Map<string, number>();
    const deletions = new Map<string, number[]>();
    return page.map((step) => {
      const after = new Set(step.after);
      if (step.work.kind === 'change') {
        const { change } = step.work;
        if (change.body.kind === 'delete') {
          deletions.set(change.resourceType, [...(deletions.get(change.resourceType) ?? []), step.position]);
        } else if (change.body.kind === 'create') {
          for (const other of deletions.get(change.resourceType) ?? []) after.add(other);
        }
        for (const key of uniqueKeys(change, types)) {
          const holder = holders.get(key);
          if (holder !== undefined) after.add(holder);
          holders.set(key, step.position);
        }
      }
      return { ...step, after: [...after] };
    });
  });
}

function uniqueKeys({ body, resourceType }: ChangeRequest, types: readonly ResourceTypeDefinition[]): string[] {
  const type = types.find(({ name }) => name === resourceType);
  if (type === undefined || (body.kind !== 'create' && body.kind !== 'replace')) return [];
  const keys = createResourceRules(type).uniqueKeys(body.resource, PRIMARY_STORE);
  return keys.map((key) => `${resourceType}|${key}`);
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
