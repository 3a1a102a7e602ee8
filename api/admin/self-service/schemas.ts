import { z } from 'zod';

const attribute = z
  .string()
  .regex(/^[A-Za-z$][\w$-]{0,63}$/, 'Name an attribute of users, without sub-attributes, as in phoneNumbers.');

export const selfServiceInput = z
  .strictObject({
    open: z
      .array(attribute)
      .max(50)
      .refine((names) => new Set(names).size === names.length, 'Name each attribute once.')
      .describe(
        'Attributes that people may change of themselves although they are closed otherwise. Open what a target matches accounts by only where nobody can claim the value of another.',
      ),
  })
  .meta({ id: 'SelfServiceInput' });

export const selfServiceView = z
  .object({
    open: z.array(z.string()),
    closed: z.array(z.string()).describe('What people may not change of themselves as things are; extensions neither.'),
  })
  .meta({ id: 'SelfService' });
