import { ProvostError } from '../../domain/errors.ts';
import type { Verb } from '../../domain/scopes.ts';

/** A permission in WSO2's tree. */
export type PermissionNode = {
  readonly resourcePath: string;
  readonly displayName: string;
  readonly nodeList: readonly PermissionNode[];
  readonly selected: boolean;
};

const VERBS: readonly Verb[] = ['create', 'list', 'view', 'update', 'delete'];

const node = (path: string, displayName: string, nodeList: readonly PermissionNode[]): PermissionNode => ({
  resourcePath: path,
  displayName,
  nodeList,
  selected: false,
});

const managed = (name: string, displayName: string): PermissionNode => {
  const path = `/permission/admin/manage/identity/${name}`;
  return node(
    path,
    displayName,
    VERBS.map((verb) => node(`${path}/${verb}`, `${verb[0]?.toUpperCase()}${verb.slice(1)}`, [])),
  );
};

/**
 * The permissions that there are: what credentials are asked for here, by WSO2's paths. Scopes of credentials give them;
 * roles and users have none, so none is selected.
 */
export const PERMISSION_TREE: PermissionNode = node('/permission', 'All Permissions', [
  node('/permission/admin', 'Admin Permissions', [
    node('/permission/admin/manage', 'Manage', [
      node('/permission/admin/manage/identity', 'Identity', [
        managed('usermgt', 'User Management'),
        managed('rolemgt', 'Role Management'),
      ]),
    ]),
  ]),
]);

/** Of what would give a role or a user a permission, or take one: what cannot be done is not said to be. */
export const noPermissionsOfRoles = (): ProvostError =>
  new ProvostError(
    'NOT_IMPLEMENTED',
    'Roles and users carry no permissions here: scopes of credentials do. Give a credential the scopes that it needs.',
  );
