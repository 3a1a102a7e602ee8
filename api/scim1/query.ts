import type { Request } from 'express';
import type { Mode } from '../../domain/scim/mode.ts';
import type { ResourceTypeDefinition } from '../../domain/scim/schema/definition.ts';
import { filterToScim2 } from '../../domain/scim1/filter-to-scim2.ts';
import { toName2 } from '../../domain/scim1/names.ts';
import type { ListRequest } from '../scim2/list.ts';
import { names, parameter } from '../scim2/query.ts';
import type { Selection } from '../scim2/render.ts';

/** What `attributes` asks for, by the names of SCIM 2.0 (REST API 1.1 §3.7). */
export function selectionOf1(request: Request, type: ResourceTypeDefinition): Selection {
  const attributes = names(parameter(request, 'attributes'))?.map((name) => toName2(name, type));
  // Clients of 1.1 show members by `display`, which WSO2 fills with user names.
  return { ...(attributes === undefined ? {} : { attributes }), memberNames: 'any name' };
}

/**
 * The list that a query of SCIM 1.1 asks for (REST API 1.1 §3.2.2), as SCIM 2.0 would be asked for it.
 *
 * @throws ProvostError `INVALID_FILTER`, `INVALID_VALUE`
 */
export function listRequestOf1(request: Request, type: ResourceTypeDefinition, mode: Mode): ListRequest {
  const filter = parameter(request, 'filter');
  const sortBy = parameter(request, 'sortBy');
  const given = {
    filter: filter === undefined ? undefined : filterToScim2(filter, type, mode),
    sortBy: sortBy === undefined ? undefined : toName2(sortBy, type),
    sortOrder: parameter(request, 'sortOrder'),
    startIndex: parameter(request, 'startIndex'),
    count: parameter(request, 'count'),
  };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...present, selection: selectionOf1(request, type) };
}
