import { flag, httpUrl, integer, oneOf, port, seconds, smtpUrl, words } from './format.ts';
import { defaulted, optional } from './setting.ts';

export const audit = {
  title: 'Audit seals',
  settings: {
    sealEveryMs: defaulted({
      variable: 'PROVOST_AUDIT_SEAL_SECONDS',
      format: seconds(1, 86_400),
      description:
        'How often the heads of audit chains that moved are sealed. Each seal is a line of the worker’s log.',
      unit: 'seconds',
      default: '60',
      example: '300',
    }),
    sealFile: optional({
      variable: 'PROVOST_AUDIT_SEAL_FILE',
      format: words('a path'),
      description: 'File to which the worker appends each seal as a line of JSON. Keep it where nobody can alter it.',
      absence: 'seals are in the log alone',
      example: '/var/lib/provost/audit-seals.jsonl',
    }),
    sealWebhook: optional({
      variable: 'PROVOST_AUDIT_SEAL_WEBHOOK',
      format: httpUrl,
      description:
        'URL to which the worker posts each seal as JSON, in order, again until it is taken. Like every outbound call it needs https and a public address, or a network that `PROVOST_OUTBOUND_ALLOW` names for everybody.',
      absence: 'nothing is posted',
      example: 'https://archive.example.com/provost-seals',
    }),
  },
} as const;

export const changes = {
  title: 'Changes',
  settings: {
    blockingWaitMs: defaulted({
      variable: 'PROVOST_BLOCKING_WAIT_SECONDS',
      format: seconds(1, 600),
      description: 'How long a client waits for a blocking target. The change goes on afterwards.',
      unit: 'seconds',
      default: '20',
      example: '10',
    }),
    policyCacheMs: defaulted({
      variable: 'PROVOST_POLICY_CACHE_MS',
      format: integer(0, 600_000),
      description: 'How long a process may go on with a policy that it has read. 0 reads it for every change.',
      unit: 'milliseconds',
      default: '2000',
      example: '10000',
    }),
    continueAfterEvents: defaulted({
      variable: 'PROVOST_CONTINUE_AS_NEW_EVENTS',
      format: integer(100, 40_000),
      description: "Length of a workflow's history after which it hands over to a fresh run. Temporal warns at 10,240.",
      unit: 'events',
      default: '4000',
      example: '2000',
    }),
  },
} as const;

export const mail = {
  title: 'Mail',
  settings: {
    url: optional({
      variable: 'PROVOST_MAIL_URL',
      format: smtpUrl,
      description:
        'Where mails are handed over, with the name and password in it. Those who approve are asked by mail.',
      absence: 'each mail becomes a file in the folder below',
      example: 'smtps://provost:secret@mail.example.com',
      secret: true,
    }),
    from: defaulted({
      variable: 'PROVOST_MAIL_FROM',
      format: words('a mail address, with or without a name'),
      description: 'Sender of mails.',
      default: 'Provost <provost@localhost>',
      example: 'Provost <provost@example.com>',
    }),
    folder: defaulted({
      variable: 'PROVOST_MAIL_FOLDER',
      format: words('a path'),
      description: 'Where mails are written that are not handed over: `.eml` files that their owner alone may read.',
      default: '.provost/mail',
      example: '/var/lib/provost/mail',
    }),
  },
} as const;

export const worker = {
  title: 'Worker',
  settings: {
    metricsHost: defaulted({
      variable: 'PROVOST_WORKER_METRICS_HOST',
      format: words('an address of this machine'),
      description: 'Where the worker answers `/metrics`, `/healthz` and `/readyz`.',
      default: '127.0.0.1',
      example: '0.0.0.0',
    }),
    metricsPort: defaulted({
      variable: 'PROVOST_WORKER_METRICS_PORT',
      format: port,
      description: 'Port of the same; 0 takes a free one.',
      default: '9464',
      example: '9464',
    }),
    sdkMetricsPort: optional({
      variable: 'PROVOST_WORKER_SDK_METRICS_PORT',
      format: port,
      description: "Port of the Temporal SDK's own metrics: task latencies, free slots, sticky cache.",
      absence: 'they are not served',
      example: '9465',
    }),
    workflowBundle: optional({
      variable: 'PROVOST_WORKFLOW_BUNDLE',
      format: words('a path'),
      description: 'File with the workflows, bundled ahead by `node worker/bundle-workflows.ts FILE`.',
      absence: 'they are bundled at start, which takes a second or two',
      example: '/app/workflows.js',
    }),
    workflowTasks: defaulted({
      variable: 'PROVOST_WORKER_WORKFLOW_TASKS',
      format: integer(2, 1_000),
      description:
        'Most workflow tasks that the process does at once. The rest wait at Temporal, where deactivations and deletions go first: with few of them urgent changes wait less, with many ordinary ones get through in larger numbers.',
      default: '10',
      example: '40',
    }),
    targets: defaulted({
      variable: 'PROVOST_WORKER_TARGETS',
      format: integer(1, 10_000),
      description:
        "Targets whose queues the process listens to all the time, two open polls each; others are listened to while they have something to do. Temporal takes 1200 polls of a namespace at once (`frontend.namespaceCount`), all processes' together.",
      default: '100',
      example: '100',
    }),
    takeUpAfterMs: defaulted({
      variable: 'PROVOST_TAKE_UP_AFTER_SECONDS',
      format: seconds(1, 86_400),
      description:
        'How long a change or job may be open until a worker looks whether its workflow is still there, and starts it again where not; also the time between two looks. What waits for people is looked at every twelfth time.',
      unit: 'seconds',
      default: '600',
      example: '300',
    }),
    versioned: defaulted({
      variable: 'PROVOST_WORKER_VERSIONING',
      format: flag,
      description: 'Worker versioning: a workflow stays on the build that it began with until it is moved.',
      default: 'off',
      example: 'on',
    }),
    deploymentName: defaulted({
      variable: 'PROVOST_WORKER_DEPLOYMENT',
      format: words('text'),
      description: 'Name of the deployment that the build belongs to.',
      default: 'provost',
      example: 'provost',
    }),
    buildId: defaulted({
      variable: 'PROVOST_WORKER_BUILD_ID',
      format: words('text'),
      description: 'Names the build that runs; one per release, never reused. With versioning on it must be set.',
      default: 'development',
      example: '1.4.0',
    }),
  },
} as const;

export const log = {
  title: 'Log',
  settings: {
    level: defaulted({
      variable: 'PROVOST_LOG_LEVEL',
      format: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
      description: 'Least severe level that is written. Personal data and secrets are in no level.',
      default: 'info',
      example: 'warn',
    }),
  },
} as const;

export const shutdown = {
  title: 'Shutdown',
  settings: {
    graceMs: defaulted({
      variable: 'PROVOST_SHUTDOWN_GRACE_SECONDS',
      format: seconds(1, 3600),
      description: 'How long a process that was asked to end may finish what it does. Nothing is lost when it may not.',
      unit: 'seconds',
      default: '30',
      example: '60',
    }),
  },
} as const;
