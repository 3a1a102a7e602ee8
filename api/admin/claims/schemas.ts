import { z } from 'zod';

const words = z.string().trim().min(1).max(255);

const claimMapping = z
  .strictObject({
    claim: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9+.-]*:[!-~]{1,500}$/, 'A claim is a URI.')
      .describe("The claim's URI, e.g. `http://wso2.org/claims/givenname`."),
    attribute: z
      .string()
      .min(1)
      .max(512)
      .describe(
        'SCIM path of a simple attribute of a user: `name.givenName`, `emails[type eq "work"].value`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.',
      ),
    displayName: words.describe('For people; clients get it as the `displayTag` of the claim.'),
    description: z.string().max(1_000).optional(),
    displayOrder: z.int().min(0).max(100_000).optional(),
    multiValued: z
      .boolean()
      .optional()
      .describe('The claim is all values that the path selects, with commas between; otherwise one of them.'),
    negated: z.boolean().optional().describe('The claim is true where the attribute is false.'),
    readOnly: z.boolean().optional().describe('Can be read and not written.'),
    required: z.boolean().optional().describe('Shown to clients; not checked.'),
    supportedByDefault: z.boolean().optional().describe('Shown to clients; not checked.'),
    pattern: z.string().max(500).optional().describe('Shown to clients as `regEx`; not checked.'),
  })
  .meta({ id: 'ClaimMapping' });

export const claimTableInput = z
  .strictObject({ items: z.array(claimMapping).min(1).max(500) })
  .meta({ id: 'ClaimTableInput' });

export const claimTableView = z
  .object({
    items: z.array(claimMapping),
    isDefault: z.boolean().describe('Whether the tenant has no table of its own.'),
  })
  .meta({ id: 'ClaimTable' });
