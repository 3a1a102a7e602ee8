import { z } from 'zod';
import { name } from '../tenants/schemas.ts';

export const identityProviderInput = z
  .strictObject({
    name,
    enabled: z.boolean().default(true).describe('While it is false none of its targets is called.'),
  })
  .meta({ id: 'IdentityProviderInput' });

export const identityProviderView = z
  .object({
    id: z.string(),
    name: z.string(),
    enabled: z.boolean(),
    targets: z
      .array(z.object({ id: z.string(), name: z.string(), connector: z.string(), enabled: z.boolean() }))
      .describe('Its targets in short; read each for the rest.'),
  })
  .meta({ id: 'IdentityProvider' });

export const identityProviderList = z
  .object({ items: z.array(identityProviderView) })
  .meta({ id: 'IdentityProviderList' });

/** Query of a deletion that other configuration may stand against. */
export const forceQuery = z.strictObject({
  force: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true` deletes it although service providers refer to it, and removes those references.'),
});
