import { z } from 'zod';

/** What scripts find in `.provost/dev.json`. */
export const factsSchema = z.object({
  api: z.string(),
  scim2: z.string(),
  console: z.string(),
  temporalUi: z.string(),
  temporalAddress: z.string(),
  mongodbUri: z.string(),
  basic: z.object({ username: z.string(), password: z.string() }),
  oauth: z.object({ tokenEndpoint: z.string(), clientId: z.string(), clientSecret: z.string() }),
  /** Page of the sandbox; `/scim/v2` below it are its SCIM endpoints. */
  sandboxTarget: z.string(),
  /** Administrator of the whole installation. */
  platformAdmin: z.object({ username: z.string(), password: z.string() }),
});

export type Facts = z.output<typeof factsSchema>;
