import { z } from 'zod';
import { pageOf } from '../page.ts';

export const auditEntryView = z
  .object({
    sequence: z.int().describe("Place in the resource's chain, from 1."),
    event: z.string(),
    at: z.string(),
    change: z.string(),
    actor: z.string().optional().describe('Credential id; absent for what the engine did itself.'),
    facts: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
      .optional()
      .describe('Codes, ids, paths and counts; never values of a person.'),
    previousHash: z.string(),
    key: z
      .string()
      .optional()
      .describe('Id of the audit key; absent where an older release wrote the entry, with a plain SHA-256.'),
    hash: z.string().describe('HMAC-SHA-256 over the entry and the hash before it.'),
  })
  .meta({ id: 'AuditEntry' });

export const auditPage = pageOf('AuditPage', auditEntryView);

export const chainVerdict = z
  .object({
    intact: z.boolean(),
    entries: z.int(),
    broken: z
      .object({ sequence: z.int(), reason: z.string() })
      .optional()
      .describe('The first entry that does not fit, and why.'),
  })
  .meta({ id: 'ChainVerdict' });
