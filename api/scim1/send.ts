import type { Response } from 'express';
import type { ScimObject } from '../../domain/scim/resource.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { fromScim2 } from '../../domain/scim1/from-scim2.ts';
import { CORE_SCHEMA_1 } from '../../domain/scim1/names.ts';
import type { ListResponse } from '../scim2/list.ts';
import { formatOf } from './format.ts';
import { listAsXml, resourceAsXml } from './xml/answer-as-xml.ts';

/** @param resource as SCIM 2.0 shows it */
export function sendResource1(
  response: Response,
  status: number,
  resource: ScimObject,
  type: ResourceTypeDefinition,
): void {
  const shown = fromScim2(resource, type);
  response.status(status);
  if (formatOf(response) === 'xml') response.type('application/xml').send(resourceAsXml(shown, type.name));
  else sendJson(response, shown);
}

export function sendList1(response: Response, list: ListResponse, type: ResourceTypeDefinition): void {
  const { totalResults, itemsPerPage, startIndex = 1 } = list;
  const Resources = list.Resources.map((resource) => fromScim2(resource, type));
  const answer = { totalResults, itemsPerPage, startIndex, Resources };
  if (formatOf(response) === 'xml') response.type('application/xml').send(listAsXml(answer, type.name));
  else sendJson(response, { schemas: [CORE_SCHEMA_1], ...answer });
}

export function sendJson(response: Response, body: unknown): void {
  response.type('application/json').send(JSON.stringify(body));
}
