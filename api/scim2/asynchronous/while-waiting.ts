import type { Response } from 'express';
import type { ChangeRequest } from '../../../domain/change.ts';
import type { ServiceProvider } from '../../../domain/policy.ts';
import type { ChangeAnswer } from '../../change-door.ts';
import type { Scim2Dependencies } from '../context.ts';

/**
 * The answer to a change that waits for an approval, where its service provider has it answered with the resource as it
 * stands. The header `Provost-Approval: waiting` says that it is not the change that is shown.
 *
 * @returns undefined where the client is to be told that it waits
 */
export async function answerAsItStands(
  response: Response,
  { tenant, operation, resourceType, resourceId, id }: ChangeRequest,
  { whileWaiting, mode }: ServiceProvider,
  { resources }: Pick<Scim2Dependencies, 'resources'>,
): Promise<ChangeAnswer | undefined> {
  if (operation === 'create') return undefined;
  if (whileWaiting !== 'as-it-stands' || mode === 'provision-only') return undefined;
  const stands = await resources.find(tenant, resourceType, resourceId);
  if (stands === undefined) return undefined;
  response.set('Provost-Approval', 'waiting');
  const { version, lastModified } = stands;
  return { change: id, mode, reference: { resourceId, version, lastModified, changed: false } };
}
