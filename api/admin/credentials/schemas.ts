import { z } from 'zod';
import { SCOPES } from '../../../domain/scopes.ts';

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$/,
    'Use 3 to 64 characters of A–Z, a–z, 0–9, . _ and -, beginning with a letter or digit.',
  )
  .describe(
    'A name of your choice, unique within the tenant; the id becomes `name@tenant`. Absent: the id is random. The audit trail shows it, so it should not name a person.',
  );

const kind = z
  .enum(['basic', 'client', 'token'])
  .describe(
    '`basic` calls by HTTP Basic; `client` gets access tokens by the client credentials grant; `token` calls by one bearer token that is good until it is deleted or rotated, as Entra ID and Okta can.',
  );

const scope = z
  .union(
    [z.enum(SCOPES), z.string().regex(/^internal_(user|role|group)_mgt_(create|view|list|update|delete)$/)],
    `Use ${SCOPES.join(', ')}, or one of WSO2's internal_user_mgt_…, internal_role_mgt_…, internal_group_mgt_….`,
  )
  .describe("Ours, or WSO2's of the form `internal_user_mgt_view`.");

const role = z.enum(['platform-admin', 'admin', 'operator', 'auditor']);

const user = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, 'Use the id of a user.')
  .describe('Id of the user whose credential it is, for self-service: whom `/Me` of SCIM 2.0 shows and changes.');

const noneTwice = (values: readonly string[]): boolean => new Set(values).size === values.length;

export const credentialInput = z
  .strictObject({
    kind,
    id: name.optional(),
    scopes: z.array(scope).max(50).refine(noneTwice, 'Name each scope once.'),
    roles: z
      .array(role)
      .refine(noneTwice, 'Name each role once.')
      .default([])
      .describe('What it may do in this API. `platform-admin` can only be given by a platform administrator.'),
    user: user.optional(),
  })
  .meta({ id: 'CredentialInput' });

const view = {
  id: z
    .string()
    .describe(
      'User name or client id: what the client presents with its secret. In paths, a chosen name may stand without its tenant.',
    ),
  kind,
  serviceProvider: z.string(),
  scopes: z.array(z.string()),
  roles: z.array(role),
  user: user.optional(),
  createdAt: z.string().describe('When its present secret was made; ISO 8601, UTC.'),
};

export const credentialList = z
  .object({ items: z.array(z.object(view).meta({ id: 'Credential' })) })
  .meta({ id: 'CredentialList' });

export const newCredential = z
  .object({
    ...view,
    secret: z
      .string()
      .describe('Password, client secret or bearer token, with 256 random bits. Shown this once; only a hash is kept.'),
  })
  .meta({ id: 'NewCredential' });
