import { z } from 'zod';

const MOST_HEADERS = 20;
/** Headers that the connector or the connection owns. */
const OWN_HEADERS = new Set([
  'accept',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'host',
  'if-match',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const httpUrl = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'Use an http or https URL.')
  .refine((text) => !URL.canParse(text) || isBare(new URL(text)), 'Leave out user name, password and fragment.');

const isBare = ({ username, password, hash }: URL): boolean => username === '' && password === '' && hash === '';

/** Printable ASCII: whatever else there is could not be sent, or would start another header. */
const headerText = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/, 'Use printable ASCII without surrounding spaces.');

const headerName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'Use the name of an HTTP header.')
  .refine((name) => !OWN_HEADERS.has(name.toLowerCase()), 'The connector sets this header itself.');

const path = z
  .string()
  .max(200)
  .regex(/^\/?[\w~-][\w.~-]*(\/[\w~-][\w.~-]*)*$/, 'Use a path below baseUrl, such as Users.');

const authentication = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({ kind: z.literal('bearer'), token: headerText(16_384).describe('A token that lasts.') }),
    z.strictObject({
      kind: z.literal('basic'),
      username: z
        .string()
        .min(1)
        .max(500)
        .refine((name) => !name.includes(':'), 'A user name cannot contain a colon (RFC 7617 §2).'),
      password: z.string().max(2_000),
    }),
    z.strictObject({
      kind: z.literal('oauth-client-credentials'),
      tokenUrl: httpUrl.describe('Token endpoint of the authorisation server.'),
      clientId: z.string().min(1).max(1_000),
      clientSecret: z.string().min(1).max(4_000),
      scope: z.string().min(1).max(2_000).optional().describe('Scopes to ask for, separated by spaces.'),
      audience: z.string().min(1).max(2_000).optional().describe('Sent as `audience` (Auth0 and others want it).'),
      resource: z.string().min(1).max(2_000).optional().describe('Sent as `resource` (RFC 8707).'),
      clientAuthentication: z
        .enum(['basic', 'post'])
        .default('basic')
        .describe('Client id and secret in the Authorization header, or in the form.'),
    }),
    z.strictObject({
      kind: z.literal('api-key'),
      header: headerName.or(z.string().regex(/^authorization$/i)).describe('Header that carries the key.'),
      value: headerText(16_384),
    }),
  ])
  .describe('How the target knows us. Kept sealed, as a whole.');

/** Settings of one SCIM 2.0 target. What is parsed can be parsed again: defaults are filled in. */
export const scim2Settings = z.strictObject({
  baseUrl: httpUrl
    .refine((text) => !text.includes('?'), 'Leave out the query.')
    .describe('Where the SCIM endpoints are, e.g. `https://example.com/scim/v2`.'),
  authentication,
  usersPath: path.default('Users').describe('Path of the user endpoint below `baseUrl`.'),
  groupsPath: path.default('Groups').describe('Path of the group endpoint below `baseUrl`.'),
  update: z
    .enum(['patch', 'put'])
    .default('patch')
    .describe('Send what changed (`patch`), or read the account and send it whole (`put`), for targets without PATCH.'),
  patchPaths: z
    .enum(['always', 'omitted'])
    .default('always')
    .describe(
      'One operation with a path for each attribute (AWS IAM Identity Center and most others), or all new values in one operation without path.',
    ),
  contentType: z
    .enum(['application/scim+json', 'application/json'])
    .default('application/scim+json')
    .describe('Media type of what is sent; some targets take only plain JSON.'),
  maxMembersPerRequest: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Most members that one PATCH adds and removes; AWS IAM Identity Center takes 100.'),
  requestTimeoutMs: z.int().min(100).max(120_000).default(10_000).describe('Deadline of one request, answer included.'),
  capabilities: z
    .strictObject({
      create: z.boolean().default(true).describe('It takes POST.'),
      update: z.boolean().default(true).describe('It takes PATCH or PUT.'),
      groups: z.boolean().default(true).describe('It has groups.'),
      disable: z.boolean().default(true).describe('It takes `active`: false.'),
      delete: z.boolean().default(true).describe('It takes DELETE.'),
    })
    .prefault({})
    .describe('What the target can do, where it is less than SCIM 2.0 offers.'),
  headers: z
    .record(headerName, headerText(4_096))
    .refine((headers) => Object.keys(headers).length <= MOST_HEADERS, `Use at most ${MOST_HEADERS}.`)
    .default({})
    .describe('Further headers of every request. Shown to whoever may see the target: no place for a secret.'),
});

export type Scim2Settings = z.output<typeof scim2Settings>;
export type Scim2Authentication = Scim2Settings['authentication'];
