import { z } from 'zod';
import { pageOf, pageQuery } from '../page.ts';

const link = z
  .object({
    target: z.string(),
    name: z.string(),
    resourceType: z.string(),
    resource: z.string(),
    state: z
      .enum(['pending', 'linked', 'disabled', 'gone'])
      .describe('`pending`: an account is being made, or could not be.'),
    remoteId: z.string().optional(),
    foundThere: z.boolean().describe('The account was there before, and was linked.'),
    disabledAt: z.string().optional(),
    notKept: z.array(z.string()).optional().describe('Attributes that the account did not keep of what it confirmed.'),
    content: z
      .unknown()
      .optional()
      .describe('What the target confirmed last. Only for the role `admin`, if asked for.'),
  })
  .meta({ id: 'Link' });

export const linkList = z.object({ items: z.array(link) }).meta({ id: 'LinkList' });
export const linkPage = pageOf('LinkPage', link);
export const linkQuery = z.strictObject(pageQuery);
export const contentQuery = z.strictObject({
  content: z.enum(['true', 'false']).default('false').describe('Whether to show what targets confirmed.'),
});
