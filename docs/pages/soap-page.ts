import type { Service } from '../../api/soap/contract/operation.ts';
import { type ComplexType, type Field, isComplex, type SimpleType } from '../../api/soap/contract/schema-types.ts';
import { SERVICES } from '../../api/soap/services.ts';
import { DEFAULT_CLAIMS } from '../../domain/claims/default-claims.ts';

/** The reference of the SOAP services: what the WSDL says and what it cannot say, from the tables that serve it. */
export const soapPage = (): string => `# SOAP services

<!-- Made from code: node docs/write-reference.ts -->

How to connect a client is in [Connect a SOAP client](../guides/soap.md).

| service | path | answers of operations that return nothing |
| --- | --- | --- |
${SERVICES.map(serviceRow).join('\n')}

Each also answers below \`/t/{tenant}\` and at the address of every port in its description: the path, a dot and the
port's name, with or without a slash behind it. \`GET\` with \`?wsdl\` gives the description, without credentials.

Both versions of SOAP are spoken at every address; a client is answered in the version of its envelope. Messages are
document/literal wrapped. Parameters are found by their names: their order and namespaces do not matter, one may be left
out or be \`xsi:nil\`. The operation is the element in the body; \`SOAPAction\` is not needed and not believed. WS-Addressing
headers are taken and not answered; any other header with \`mustUnderstand\` is a fault.

## Operations

\`RemoteUserStoreManagerServiceV2\` has the same as the first, and \`true\` where that returns nothing. A permission is a
verb and what it is done to; the scopes \`scim\`, \`scim:read\` (view, list) and \`scim:write\` (create, update, delete)
give them, and so do WSO2's \`internal_user_mgt_{verb}\` for users, \`internal_role_mgt_{verb}\` and
\`internal_group_mgt_{verb}\` for roles.

${SERVICES.filter(({ voidAnswer }) => voidAnswer === 'empty')
  .map(operationsOf)
  .join('\n\n')}

## Faults

A fault carries the words of [the error](errors.md), the \`Provost-Error\` header its code. Its detail is the element
that the description declares. WSO2's own number stands at the beginning where it has one; names of users are not repeated.

| number | what was refused |
| --- | --- |
| \`30003\` | an empty password, where one is set |
| \`30004 - UserAlreadyExisting\` | \`addUser\` of a name that is taken |
| \`30005\` | a claim that the tenant's table does not have |
| \`30006 - PasswordInvalid\` | a wrong old password |
| \`30007 - UserNotFound\` | a user who is not there |
| \`30009\` | a change of \`Internal/everyone\`: its members, or to give or take it |
| \`30011 - InvalidRole\` | a role name that is blank or has control characters |
| \`30012 - RoleExisting\` | a role name that is taken |
| \`31301\` | a user name that is missing, blank, only a domain, or has control characters |
| \`31303\`, \`31304\` | \`addUser\` with a role that is not there: one of \`Internal/\`, \`Application/\`, \`Workflow/\`; any other |
| \`31501\` | a rename to another domain, or of \`Internal/everyone\` |
| \`31704\` | \`addRole\` without a name |
| \`31805\` | \`deleteRole\` of \`Internal/everyone\` |
| \`31806\` | \`deleteRole\` of a role that is not there |

Without a number: \`RoleNotFound\`, \`Access Denied\`.

| HTTP status | what was refused | fault code, SOAP 1.1 and 1.2 |
| --- | --- | --- |
| 401, with \`WWW-Authenticate\` | the credentials | Client, Sender |
| 403 | the permission, or another tenant's path | Client, Sender |
| 404 | the address: there is no such service | Server, Receiver |
| 405 | a GET without \`?wsdl\` | Client, Sender |
| 413 | a body above \`PROVOST_BODY_LIMIT_BYTES\`, or more markup than any call has (25,000 elements, 5,000 attributes) | Client, Sender |
| 415 | a media type other than XML, an encoding other than UTF-8 and UTF-16 | Client, Sender |
| 429, with \`Retry-After\` | too many calls | Client, Sender |
| 500 | a message that is no call of the service | Client, Sender; MustUnderstand |
| 500 | everything that the operation itself refuses | Server, Receiver |

Document types, and with them entities of their own, are refused; nesting beyond 32 elements too.

## Claims

The table of a tenant until an administrator replaces it (\`PUT /admin/v1/tenants/{tenant}/claims\`). Claims begin with
\`http://wso2.org/claims/\`.

| claim | attribute of the user | |
| --- | --- | --- |
${DEFAULT_CLAIMS.map(claimRow).join('\n')}
`;

const serviceRow = ({ name, voidAnswer }: Service): string =>
  `| \`${name}\` | \`/services/${name}\` | ${voidAnswer === 'empty' ? '202 without a body' : '`true`'} |`;

const operationsOf = ({ name, elements, operations }: Service): string => `### ${name}

Namespace of its messages: \`${elements}\`.

| operation | parameters | returns | permission |
| --- | --- | --- | --- |
${operations.map(operationRow).join('\n')}`;

function operationRow(operation: Service['operations'][number]): string {
  const { name, parameters, returns } = operation;
  const { requires, takes } = 'runOpen' in operation ? { requires: [], takes: undefined } : operation;
  const given = parameters.map(parameterOf).join(', ');
  const gives = returns === undefined ? '' : `${typeOf(returns.type)}${returns.repeated === true ? '[]' : ''}`;
  const permissions = requires.map(([verb, type]) => `${verb} ${type === 'User' ? 'users' : 'roles'}`);
  const needs = [...permissions, ...(takes === undefined ? [] : [takes])].join(', ') || 'none';
  return `| \`${name}\` | ${given} | ${gives} | ${needs} |`;
}

const parameterOf = ({ name, type, repeated }: Field): string =>
  `\`${name}\`${repeated === true ? '[]' : ''}${type === 'string' ? '' : `: ${typeOf(type)}`}`;

const typeOf = (type: SimpleType | ComplexType): string => (isComplex(type) ? type.name : type);

function claimRow({ claim, attribute, multiValued, negated, readOnly }: (typeof DEFAULT_CLAIMS)[number]): string {
  const traits = [
    ...(multiValued === true ? ['all values, with commas between'] : []),
    ...(negated === true ? ['negated'] : []),
    ...(readOnly === true ? ['read only'] : []),
  ];
  return `| \`${claim.slice('http://wso2.org/claims/'.length)}\` | \`${attribute}\` | ${traits.join('; ')} |`;
}
