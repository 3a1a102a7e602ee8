import { z } from 'zod';
import { pageOf } from '../page.ts';

export const name = z
  .string()
  .trim()
  .min(1, 'A name has at least one character.')
  .max(120, 'A name has at most 120 characters.');

export const tenantInput = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'Use 1 to 63 characters of a–z, 0–9 and -, not - at either end.')
      .describe('Stands in paths; cannot be changed.'),
    name: name.describe('For people.'),
  })
  .meta({ id: 'TenantInput' });

export const tenantView = z
  .object({
    id: z.string(),
    name: z.string().optional(),
    outbound: z
      .array(z.string())
      .optional()
      .describe('Identity providers for service providers that name none, where the resident one names none either.'),
    version: z.int().describe('Newest version of its configuration.'),
  })
  .meta({ id: 'Tenant' });

export const tenantPage = pageOf('TenantPage', tenantView);
