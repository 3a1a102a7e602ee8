import { z } from 'zod';
import { identityProviderInput } from '../identity-providers/schemas.ts';
import { jobView } from '../jobs/schemas.ts';
import { serviceProviderInput } from '../service-providers/schemas.ts';
import { targetInput } from '../targets/schemas.ts';

const id = z.string().min(1).max(100);

export const policyEditsInput = z
  .strictObject({
    identityProviders: z
      .array(z.strictObject({ identityProvider: id, edit: identityProviderInput }))
      .max(50)
      .default([]),
    targets: z
      .array(
        z.strictObject({
          identityProvider: id,
          target: id,
          edit: targetInput.describe('All of its settings, as a PUT of the target has them.'),
        }),
      )
      .max(50)
      .default([]),
    serviceProviders: z
      .array(z.strictObject({ serviceProvider: id, edit: serviceProviderInput }))
      .max(50)
      .default([]),
    outbound: z
      .array(id)
      .max(200)
      .nullable()
      .exactOptional()
      .describe(
        'The tenant’s default: identity providers for service providers that name none, where the resident one names none either. `null` removes it.',
      ),
  })
  .describe('Edits that are made together, as one new version of the configuration.')
  .meta({ id: 'PolicyEdits' });

const sample = z.array(z.string()).describe('Ids of up to ten of them.');

export const policyPreview = z
  .object({
    from: z.int().describe('Version that the edits were compared with; send it as If-Match to confirm them.'),
    examined: z.int().describe('Users and groups looked at.'),
    targets: z.array(
      z.object({
        target: z.string(),
        name: z.string(),
        gains: z.int().describe('Accounts that it gets.'),
        loses: z.int().describe('Accounts that it loses, by its deprovision policy.'),
        changes: z.int().describe('Accounts that are to hold something else.'),
        unknown: z.int().describe('Resources that its scope has no answer for: their steps will wait for an operator.'),
        sample: z.object({ gains: sample, loses: sample, changes: sample, unknown: sample }),
      }),
    ),
  })
  .meta({ id: 'PolicyPreview' });

export const policyEdited = z
  .object({ version: z.int().describe('Of the configuration now.'), job: jobView })
  .meta({ id: 'PolicyEdited' });
