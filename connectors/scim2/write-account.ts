import { ProvostError } from '../../domain/errors.ts';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { AccountType, AccountUpdate, WrittenAccount } from '../connector.ts';
import { type Call, type CallAnswer, type CallTarget, pathPart } from './call-target.ts';
import { patchBody, patchOperations } from './patch-body.ts';
import { type ReadAccount, readAccount, showsAttributes } from './read-account.ts';
import { sentForm } from './sent-form.ts';
import type { Scim2Settings } from './settings.ts';

/** A group that is replaced comes and goes with all of its members. */
const MOST_WHOLE_BYTES = 16 * 1_048_576;

export interface Place {
  readonly type: AccountType;
  /** Path of the type's endpoint. */
  readonly endpoint: string;
  readonly signal: AbortSignal;
}

/** POSTs an account. The answer must tell its id, or else nobody could find it again: then the outcome is unknown. */
export async function createAccount(call: CallTarget, place: Place, content: ScimObject): Promise<WrittenAccount> {
  const body = sentForm(place.type, content);
  const answer = await call({ method: 'POST', path: place.endpoint, body, signal: place.signal });
  const created = readAccount(answer.body);
  if (created !== undefined) return writtenAs(created, content);
  const remoteId = answer.unreadable ? undefined : idIn(answer.location);
  if (remoteId !== undefined) return { remoteId, content, isAssumed: true };
  throw unreadableSuccess(answer);
}

/**
 * PATCHes what differs, or replaces the whole where the target has no PATCH. Where nothing differs that could be sent, the
 * account is looked at: an update is always answered by the target.
 */
export async function updateAccount(
  call: CallTarget,
  place: Place,
  remoteId: string,
  { before, after }: AccountUpdate,
  settings: Scim2Settings,
): Promise<WrittenAccount> {
  if (settings.update === 'put') {
    const kept = (held: ScimObject): ScimObject =>
      Object.fromEntries(Object.entries(held).filter(([name]) => before[name] === undefined));
    return replaceAccount(call, place, remoteId, (held) => ({ ...kept(held), ...after }));
  }
  const operations = patchOperations(before, after, settings.patchPaths);
  if (operations.length === 0) {
    const { content } = requireAccount(await call(lookAt(place, remoteId)));
    return { remoteId, content };
  }
  const answer = await call({
    method: 'PATCH',
    path: accountPath(place, remoteId),
    body: patchBody(operations),
    // What is removed is named nowhere in the operations, and a target may quote it.
    carried: [remoteId, ...textsOf(before)],
    signal: place.signal,
  });
  return confirmed(answer, remoteId, after);
}

/**
 * Reads an account and PUTs it with its changes, so that what the target holds besides stays. Where the target keeps
 * versions, a change by somebody else in between is refused instead of overwritten.
 *
 * @throws ProvostError `TARGET_NOT_FOUND` where it is gone
 */
export async function replaceAccount(
  call: CallTarget,
  place: Place,
  remoteId: string,
  change: (held: ScimObject) => ScimObject,
): Promise<WrittenAccount> {
  const { signal } = place;
  const path = accountPath(place, remoteId);
  const held = requireAccount(await call(lookAt(place, remoteId)));
  const { groups: _computed, ...wanted } = change(held.content);
  if (patchOperations(held.content, wanted).length === 0) return { remoteId, content: held.content };
  const answer = await call({
    method: 'PUT',
    path,
    body: { ...sentForm(place.type, wanted), id: remoteId },
    ...(held.version === undefined ? {} : { ifMatch: held.version }),
    carried: [remoteId, ...textsOf(held.content)],
    maxAnswerBytes: MOST_WHOLE_BYTES,
    signal,
  });
  return confirmed(answer, remoteId, wanted);
}

const lookAt = (place: Place, remoteId: string): Call => ({
  method: 'GET',
  path: accountPath(place, remoteId),
  carried: [remoteId],
  maxAnswerBytes: MOST_WHOLE_BYTES,
  signal: place.signal,
});

/** @throws ProvostError `TARGET_UNAVAILABLE` where a 2xx carries no account: a page of maintenance, most often */
export function requireAccount(answer: CallAnswer): ReadAccount {
  const account = readAccount(answer.body);
  if (account !== undefined) return account;
  throw new ProvostError('TARGET_UNAVAILABLE', 'The target answered a read with something else than an account.', {
    targetStatus: answer.status,
  });
}

export const accountPath = ({ endpoint }: Pick<Place, 'endpoint'>, remoteId: string): string =>
  `${endpoint}/${pathPart(remoteId)}`;

/** 204, or the account as it is now. */
function confirmed(answer: CallAnswer, remoteId: string, after: ScimObject): WrittenAccount {
  if (answer.unreadable) throw unreadableSuccess(answer);
  const shown = readAccount(answer.body);
  // A target whose ids follow from names gives an account that was renamed another one.
  return shown === undefined ? { remoteId, content: after, isAssumed: true } : writtenAs(shown, after);
}

const writtenAs = ({ remoteId, content }: ReadAccount, sent: ScimObject): WrittenAccount =>
  showsAttributes(content) ? { remoteId, content } : { remoteId, content: sent, isAssumed: true };

const unreadableSuccess = ({ status }: CallAnswer): ProvostError =>
  new ProvostError('TARGET_OUTCOME_UNKNOWN', 'The target reported success in words that cannot be read.', {
    targetStatus: status,
  });

/** Last part of a Location (RFC 7644 §3.3), for targets that answer a create without a body. */
function idIn(location: string | undefined): string | undefined {
  const last = location?.split(/[?#]/)[0]?.split('/').at(-1);
  try {
    return last === undefined || last === '' ? undefined : decodeURIComponent(last);
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
