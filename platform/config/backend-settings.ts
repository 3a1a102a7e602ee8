import {
  encryptionKeys,
  flag,
  hostAndPort,
  integer,
  mongoUri,
  networks,
  oneOf,
  seconds,
  slug,
  words,
} from './format.ts';
import { defaulted, optional, required } from './setting.ts';

export const temporal = {
  title: 'Temporal',
  settings: {
    address: defaulted({
      variable: 'TEMPORAL_ADDRESS',
      format: hostAndPort,
      description: 'Frontend of the Temporal service.',
      default: '127.0.0.1:7233',
      example: 'temporal:7233',
    }),
    namespace: defaulted({
      variable: 'TEMPORAL_NAMESPACE',
      format: words('the name of a namespace'),
      description: 'Namespace that holds the workflows. It must exist.',
      default: 'default',
      example: 'provost',
    }),
    taskQueue: defaulted({
      variable: 'PROVOST_TASK_QUEUE',
      format: slug,
      description:
        "Task queue of the workflows; each target's own queue is named after it. API and workers need the same.",
      default: 'provost',
      example: 'provost',
    }),
    apiKey: optional({
      variable: 'TEMPORAL_API_KEY',
      format: words('text'),
      description: 'API key; turns TLS on.',
      absence: 'no key is sent',
      example: '<from Temporal Cloud>',
      secret: true,
    }),
    tls: defaulted({
      variable: 'TEMPORAL_TLS',
      format: flag,
      description: 'TLS with the authorities that the system trusts. Naming any file below turns it on too.',
      default: 'off',
      example: 'on',
    }),
    tlsServerCaCertPath: optional({
      variable: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
      format: words('a path'),
      description: "PEM file with the authority of the server's certificate.",
      absence: 'the authorities that the system trusts',
      example: '/run/secrets/temporal-ca.pem',
    }),
    tlsClientCertPath: optional({
      variable: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
      format: words('a path'),
      description: 'PEM file with the certificate that this process shows. Needs the key below.',
      absence: 'none is shown',
      example: '/run/secrets/temporal-client.pem',
    }),
    tlsClientKeyPath: optional({
      variable: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
      format: words('a path'),
      description: 'PEM file with the key of that certificate.',
      absence: 'none is shown',
      example: '/run/secrets/temporal-client.key',
    }),
    tlsServerName: optional({
      variable: 'TEMPORAL_TLS_SERVER_NAME',
      format: words('a host name'),
      description: "Name expected in the server's certificate.",
      absence: 'the host of the address',
      example: 'temporal.example.com',
    }),
    acceptedPayloads: defaulted({
      variable: 'PROVOST_TEMPORAL_PAYLOADS',
      format: oneOf('bound', 'encrypted', 'any'),
      description:
        'Which payloads from Temporal are believed. `bound`: those encrypted for the workflow that gets them. `encrypted`: also those that older releases encrypted for no workflow in particular; needed until their runs have ended. `any`: also what is not encrypted; only while histories from before encryption are left, for whoever reaches Temporal can then order anything.',
      default: 'encrypted',
      example: 'bound',
    }),
    connectDeadlineMs: defaulted({
      variable: 'PROVOST_TEMPORAL_CONNECT_SECONDS',
      format: seconds(1, 3600),
      description: 'How long a starting process waits for Temporal before it gives up.',
      unit: 'seconds',
      default: '60',
      example: '120',
    }),
  },
} as const;

export const mongo = {
  title: 'MongoDB',
  settings: {
    uri: defaulted({
      variable: 'MONGODB_URI',
      format: mongoUri,
      description: 'Server, database and, where needed, credentials.',
      default: 'mongodb://127.0.0.1:27017/provost',
      example: 'mongodb://provost:<password>@mongodb/provost?replicaSet=rs0&authSource=admin',
      secret: true,
    }),
    maxPoolSize: defaulted({
      variable: 'PROVOST_MONGO_POOL_SIZE',
      format: integer(1, 1000),
      description: 'Most connections of one process.',
      unit: 'connections',
      default: '50',
      example: '100',
    }),
  },
} as const;

export const encryption = {
  title: 'Encryption',
  settings: {
    keys: required({
      variable: 'PROVOST_ENCRYPTION_KEYS',
      format: encryptionKeys,
      description:
        'Keys of Temporal payloads and stored secrets. The first one encrypts, all of them decrypt. To rotate, add the new key in second place everywhere, then move it to the front. Make one with `openssl rand -base64 32`.',
      example: '2026-01:<base64 of 32 bytes>,2025-07:<base64 of 32 bytes>',
      secret: true,
    }),
  },
} as const;

export const outbound = {
  title: 'Outbound calls',
  settings: {
    allow: defaulted({
      variable: 'PROVOST_OUTBOUND_ALLOW',
      format: networks,
      description:
        'Networks that targets, their token endpoints and webhooks, that of audit seals among them, may be in. Public addresses are always allowed by https; loopback, private, link-local and other special ones, and public ones by plain http, only where this names them. `tenant@` keeps a block to one tenant, `:port` or `:first-last` to ports; an IPv6 block with a port goes into brackets.',
      default: '',
      example: '10.20.0.0/16,acme@10.30.0.5/32:8443,[fd12:3456::/32]:443',
    }),
  },
} as const;
