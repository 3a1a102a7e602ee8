import { ProvostError } from '../../../domain/errors.ts';
import type { Deviation } from '../../../domain/scim/deviation.ts';
import type { PatchDialect } from '../../../domain/scim/patch/read-operations.ts';
import type { BulkRecord, BulkRequestStore } from '../../../stores/bulk-requests.ts';
import { mayBeSameRequest } from '../../fingerprint.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Scim2Dependencies } from '../context.ts';
import { shownResource } from '../shown-resource.ts';
import type { BulkEngine } from './bulk-engine.ts';
import { type BulkResponse, bulkResponse } from './bulk-response.ts';
import { planBulk } from './plan-bulk.ts';
import { readBulkRequest } from './read-bulk-request.ts';

export interface BulkRunnerDependencies
  extends Pick<
    Scim2Dependencies,
    'resources' | 'computed' | 'hashPassword' | 'fingerprint' | 'deriveId' | 'observeDeviations' | 'now'
  > {
  readonly bulkRequests: BulkRequestStore;
  readonly engine: BulkEngine;
  readonly maxOperations: number;
  /** How long a client waits for the whole answer, milliseconds. */
  readonly waitMs: number;
  /** How long an answer can be asked for afterwards, milliseconds. */
  readonly keptMs: number;
}

/** What there is to know of a bulk request beside its body. */
export interface BulkFacts {
  /** Sent again with the same key it is the same request. */
  readonly idempotencyKey: string;
  /** Of the SCIM service as the client reaches it; locations begin with it. */
  readonly baseUrl: string;
  /** Whose words a PATCH is refused in. Default `scim2`. */
  readonly dialect?: PatchDialect;
  /** Learns what the client did differently from the RFCs, the first time that the request comes. */
  observe?(deviations: readonly Deviation[]): void;
}

export type BulkRunner = ReturnType<typeof createBulkRunner>;

/** Bulk requests (RFC 7644 §3.7) from their body to their answer, for whichever protocol they came by. */
export function createBulkRunner(dependencies: BulkRunnerDependencies) {
  const { bulkRequests, engine } = dependencies;

  /**
   * Checks a request, records it and starts its workflow: from here on it is done, whatever ends.
   *
   * @param body of SCIM 2.0's form
   * @throws ProvostError where the request as a whole is malformed or too large
   */
  async function begin(context: RequestContext, body: unknown, facts: BulkFacts): Promise<BulkRecord> {
    const { operations, failOnErrors } = readBulkRequest(body, dependencies.maxOperations);
    const { principal, policy, serviceProvider: provider, types } = context;
    const { tenant, serviceProvider, credential } = principal;
    const scope = ['bulk', tenant, serviceProvider, credential, facts.idempotencyKey];
    const id = dependencies.deriveId(scope);
    const fingerprint = dependencies.fingerprint(materialOf(operations, failOnErrors));
    const earlier = await bulkRequests.find(tenant, id);
    if (earlier !== undefined) return resume(earlier, fingerprint);

    const receivedAt = dependencies.now().toISOString();
    const { pages, deviations } = await planBulk(operations, {
      principal,
      scope,
      receivedAt,
      conformance: provider.conformance,
      isStored: provider.mode !== 'provision-only',
      types,
      dialect: facts.dialect ?? 'scim2',
      shown: (type, resource) => shownResource(tenant, type, resource, facts.baseUrl, dependencies),
      hashPassword: dependencies.hashPassword,
      fingerprint: dependencies.fingerprint,
      deriveId: dependencies.deriveId,
    });
    dependencies.observeDeviations(context, deviations);
    facts.observe?.(deviations);
    const record = {
      id,
      tenant,
      actor: credential,
      serviceProvider,
      fingerprint,
      receivedAt,
      policyVersion: policy.version,
      ...(failOnErrors === undefined ? {} : { failOnErrors }),
      operations: operations.length,
      keptMs: dependencies.keptMs,
    };
    const raced = await bulkRequests.accept(record, pages);
    return resume(raced ?? { ...record, pages: pages.length, state: 'running' }, fingerprint);
  }

  /** @throws ProvostError `IDEMPOTENCY_KEY_REUSED` */
  async function resume(record: BulkRecord, fingerprint: string): Promise<BulkRecord> {
    if (!mayBeSameRequest(record.fingerprint, fingerprint))
      throw new ProvostError(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was used for another request; use a new key for each request.',
      );
    if (record.state === 'running') await engine.start(record);
    return record;
  }

  /** The answer, in the request's order. @returns undefined where it is not there after so long */
  async function answer(
    { tenant, id, state }: BulkRecord,
    baseUrl: string,
    withinMs: number,
  ): Promise<BulkResponse | undefined> {
    if (state === 'running' && (withinMs <= 0 || !(await engine.ended(tenant, id, withinMs)))) return undefined;
    return bulkResponse(await bulkRequests.results(tenant, id), baseUrl);
  }

  return {
    begin,
    answer,

    /**
     * Does a bulk request and waits for its answer.
     *
     * @throws ProvostError where the request as a whole is malformed or too large; `ACKNOWLEDGEMENT_TIMEOUT` where it
     * takes longer than a client waits
     */
    async run(context: RequestContext, body: unknown, facts: BulkFacts): Promise<BulkResponse> {
      const record = await begin(context, body, facts);
      const response = await answer(record, facts.baseUrl, dependencies.waitMs);
      if (response !== undefined) return response;
      throw new ProvostError(
        'ACKNOWLEDGEMENT_TIMEOUT',
        'The bulk request was taken and is not finished yet. Send the same request with the same Idempotency-Key to learn its outcome.',
        { retryAfterMs: 5_000 },
      );
    },
  };
}

/** @throws ProvostError `INVALID_SYNTAX` for what is nested so deep that it cannot even be written again */
function materialOf(operations: readonly unknown[], failOnErrors: number | undefined): string {
  try {
    return JSON.stringify([operations, failOnErrors ?? 0]);
  } catch (cause) {
    throw new ProvostError('INVALID_SYNTAX', 'The request is nested too deep.', {}, { cause });
  }
}
