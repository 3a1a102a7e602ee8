import type { ChangeBody } from '../../domain/change.ts';
import { mayEndAccess } from '../../domain/deactivation.ts';
import { ProvostError } from '../../domain/errors.ts';
import type { ResourceId } from '../../domain/ids.ts';
import type { ChangeAnswer } from '../change-door.ts';
import { toChangeRequest } from '../change-request.ts';
import type { Call } from './call.ts';

export interface WantedChange {
  readonly resourceType: 'User' | 'Group';
  /** Absent for a create, whose id follows from the request. */
  readonly resourceId?: ResourceId;
  readonly body: ChangeBody;
  /** Names this change among those of one call. */
  readonly part?: string;
}

/** Sends one change through the door that every protocol uses. @throws ProvostError */
export async function submitChange(call: Call, { body, ...wanted }: WantedChange): Promise<ChangeAnswer> {
  const { request, principal, policy, dependencies } = call;
  const change = toChangeRequest(
    request,
    principal,
    { source: 'soap', operation: body.kind, body, ...wanted },
    dependencies.now(),
    dependencies,
  );
  return dependencies.submit(change, policy.version, mayEndAccess(body));
}

/** One of several changes of a call, with what a person would call it. */
export interface NamedChange {
  /** E.g. `give the role staff`. */
  readonly what: string;
  submit(): Promise<unknown>;
}

/**
 * Makes changes one after another. They are changes to different resources, so there is no undoing what was done: the
 * fault says how far it went, and the same call again does the rest.
 *
 * @param before what was done already, for the fault
 * @throws ProvostError the first failure, with what was done before it
 */
export async function submitInOrder(changes: readonly NamedChange[], before: readonly string[] = []): Promise<void> {
  const done = [...before];
  for (const [index, { what, submit }] of changes.entries()) {
    try {
      await submit();
      done.push(what);
    } catch (error) {
      if (!(error instanceof ProvostError) || changes.length + before.length === 1) throw error;
      const left = changes.slice(index + 1).map((change) => change.what);
      const report = [
        `Failed to ${what}: ${error.message}`,
        `Done before: ${listed(done)}.`,
        `Not tried: ${listed(left)}.`,
      ];
      throw new ProvostError(error.code, report.join(' '), error.facts, { cause: error });
    }
  }
}

const listed = (what: readonly string[]): string =>
  what.length === 0
    ? 'nothing'
    : `${what.slice(0, 10).join(', ')}${what.length > 10 ? ` and ${what.length - 10} more` : ''}`;
