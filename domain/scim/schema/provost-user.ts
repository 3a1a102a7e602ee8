import { defineAttribute, type SchemaDefinition } from './definition.ts';

/**
 * What Provost knows of every user beyond RFC 7643: a profile that WSO2's claims have, and how the account stands here.
 * The latter is readOnly: SCIM shows it and nobody writes it by SCIM. What writes it is domain/account.ts.
 */
export const PROVOST_USER: SchemaDefinition = {
  id: 'urn:provost:params:scim:schemas:extension:user:2.0:User',
  name: 'ProvostUser',
  description: 'Profile and state of the account',
  attributes: [
    defineAttribute('dateOfBirth', 'Date of birth, as the client writes it; yyyy-mm-dd is recommended.'),
    defineAttribute('gender', 'Gender, in the words of the client.'),
    defineAttribute('accountLocked', 'While it is true, the user cannot sign in.', {
      type: 'boolean',
      mutability: 'readOnly',
    }),
    defineAttribute('emailVerified', 'Whether the user has shown that the email address is theirs.', {
      type: 'boolean',
      mutability: 'readOnly',
    }),
    defineAttribute('failedLoginAttempts', 'Failed attempts to sign in, as a client of WSO2 has counted them.', {
      type: 'integer',
      mutability: 'readOnly',
    }),
  ],
};
