import { ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../scim/resource.ts';
import { CORE_SCHEMA_1, ENTERPRISE_SCHEMA_1 } from './names.ts';

/** Names of SCIM 2.0 with those of SCIM 1.1, the longer ones first. */
const NAMES: readonly (readonly [string, string])[] = [
  [`${ENTERPRISE_USER_SCHEMA}:manager.value`, `${ENTERPRISE_SCHEMA_1}:manager.managerId`],
  [ENTERPRISE_USER_SCHEMA, ENTERPRISE_SCHEMA_1],
  [USER_SCHEMA, CORE_SCHEMA_1],
  [GROUP_SCHEMA, CORE_SCHEMA_1],
];

/** What went wrong, by the names that a client of SCIM 1.1 knows. */
export const messageToScim1 = (message: string): string =>
  NAMES.reduce((text, [name2, name1]) => text.replaceAll(name2, name1), message);
