import {
  days,
  httpUrl,
  integer,
  namePassword,
  origins,
  port,
  seconds,
  slug,
  trustedIssuers,
  trustedProxies,
  words,
} from './format.ts';
import { defaulted, optional } from './setting.ts';

const MIB = 1_048_576;

export const api = {
  title: 'API',
  settings: {
    host: defaulted({
      variable: 'PROVOST_API_HOST',
      format: words('an address of this machine'),
      description: 'Where the API listens. `0.0.0.0` in a container.',
      default: '127.0.0.1',
      example: '0.0.0.0',
    }),
    port: defaulted({
      variable: 'PROVOST_API_PORT',
      format: port,
      description: 'Port of the API; 0 takes a free one.',
      default: '8080',
      example: '8080',
    }),
    metricsHost: defaulted({
      variable: 'PROVOST_API_METRICS_HOST',
      format: words('an address of this machine'),
      description: 'Where the API answers `/metrics`, apart from what clients reach.',
      default: '127.0.0.1',
      example: '0.0.0.0',
    }),
    metricsPort: defaulted({
      variable: 'PROVOST_API_METRICS_PORT',
      format: port,
      description: 'Port of the same; 0 takes a free one.',
      default: '9463',
      example: '9463',
    }),
    maxConnections: defaulted({
      variable: 'PROVOST_API_MAX_CONNECTIONS',
      format: integer(10, 1_000_000),
      description: 'Most connections that are open at once; further ones are closed at once.',
      unit: 'connections',
      default: '5000',
      example: '20000',
    }),
    publicUrl: optional({
      variable: 'PROVOST_PUBLIC_URL',
      format: httpUrl,
      description: 'How clients reach the API: the issuer of access tokens and the base of every `Location`.',
      absence: '`http://` with the host and port above',
      example: 'https://provost.example.com',
    }),
    bodyLimitBytes: defaulted({
      variable: 'PROVOST_BODY_LIMIT_BYTES',
      format: integer(1024, 64 * MIB),
      description: 'Longest request body that is read; a longer one is answered with 413.',
      unit: 'bytes',
      default: String(MIB),
      example: String(MIB),
    }),
    bulkMaxOperations: defaulted({
      variable: 'PROVOST_BULK_MAX_OPERATIONS',
      format: integer(1, 10_000),
      description: 'Most operations in one bulk request (RFC 7644 §3.7.4).',
      unit: 'operations',
      default: '1000',
      example: '1000',
    }),
    bulkMaxPayloadBytes: defaulted({
      variable: 'PROVOST_BULK_MAX_PAYLOAD_BYTES',
      format: integer(1024, 64 * MIB),
      description: 'Longest body of one bulk request, in place of the limit above.',
      unit: 'bytes',
      default: String(MIB),
      example: '4194304',
    }),
    bulkWaitMs: defaulted({
      variable: 'PROVOST_BULK_WAIT_SECONDS',
      format: seconds(1, 3_600),
      description: 'How long a client waits for the answer to a bulk request. The request goes on afterwards.',
      unit: 'seconds',
      default: '300',
      example: '60',
    }),
    outcomesKeptMs: defaulted({
      variable: 'PROVOST_OUTCOMES_KEPT_SECONDS',
      format: seconds(60, 2_592_000),
      description:
        'How long the outcome of a bulk request, or of one with `Prefer: respond-async`, can be asked for after its end.',
      unit: 'seconds',
      default: '86400',
      example: '3600',
    }),
    rateLimitPerSecond: defaulted({
      variable: 'PROVOST_RATE_LIMIT_PER_SECOND',
      format: integer(0, 1_000_000),
      description: 'Requests that each client may make; what is above is answered with 429. 0 sets no limit.',
      unit: 'requests a second',
      default: '200',
      example: '50',
    }),
    trustProxy: defaulted({
      variable: 'PROVOST_TRUST_PROXY',
      format: trustedProxies,
      description:
        "Whose `X-Forwarded-*` headers are believed. Only with a proxy in front that sets them: a client could write another's address otherwise.",
      default: 'off',
      example: '1',
    }),
  },
} as const;

export const oauth = {
  title: 'OAuth 2.0',
  settings: {
    accessTokenLifetimeMs: defaulted({
      variable: 'PROVOST_ACCESS_TOKEN_LIFETIME_SECONDS',
      format: seconds(60, 86_400),
      description: 'How long an access token is good for, unless its credential is rotated or deleted before.',
      unit: 'seconds',
      default: '3600',
      example: '900',
    }),
    signingKeyRotationMs: defaulted({
      variable: 'PROVOST_SIGNING_KEY_DAYS',
      format: days(0, 3_650),
      description:
        'Age at which the key that signs access tokens is replaced. The old one verifies until its last token has expired. 0 leaves it to the command.',
      unit: 'days',
      default: '90',
      example: '30',
    }),
    trustedIssuers: defaulted({
      variable: 'PROVOST_TRUSTED_ISSUERS',
      format: trustedIssuers,
      description:
        "Other authorization servers whose access tokens count (RFC 9068), each for its `tenants` only and never for the role `platform-admin`. The claim `clientIdClaim`, `client_id` by default, names a client that is registered there as a credential; where two of the tenants have a client of that name, its tokens are refused unless `tenantClaim` names a claim with the tenant. The claim `userClaim`, `sub` by default, may name the person whom SCIM's `/Me` is, by the user's id. Tokens need the type `at+jwt`; `tokenType` `jwt` takes what Entra ID, Okta and others send, and refuses ID tokens.",
      default: '[]',
      example:
        '[{"issuer":"https://login.example.com","audience":"https://provost.example.com","jwksUri":"https://login.example.com/jwks","tenants":["acme"],"clientIdClaim":"azp","tokenType":"jwt"}]',
    }),
  },
} as const;

export const codec = {
  title: 'Codec endpoint',
  settings: {
    token: optional({
      variable: 'PROVOST_CODEC_TOKEN',
      format: words('text'),
      description: 'Bearer token with which the Temporal UI asks the API to decrypt what it shows.',
      absence: 'the endpoint is closed',
      example: '<a long random text>',
      secret: true,
    }),
    uiOrigins: defaulted({
      variable: 'PROVOST_UI_ORIGINS',
      format: origins,
      description: 'Origins of the Temporal UI, from which a browser may call the codec endpoint (CORS).',
      default: 'http://localhost:8233,http://127.0.0.1:8233',
      example: 'https://temporal.example.com',
    }),
  },
} as const;

export const bootstrap = {
  title: 'First start',
  settings: {
    tenant: defaulted({
      variable: 'PROVOST_DEFAULT_TENANT',
      format: slug,
      description: 'Tenant that is made at the first start.',
      default: 'default',
      example: 'acme',
    }),
    admin: optional({
      variable: 'PROVOST_BOOTSTRAP_ADMIN',
      format: namePassword,
      description:
        'Platform administrator that is made at the first start with this name, and never again: one that was deleted stays deleted. Another name makes another. Remove it once credentials of your own exist.',
      absence: 'none is made',
      example: 'admin:<a long random text>',
      secret: true,
    }),
  },
} as const;
