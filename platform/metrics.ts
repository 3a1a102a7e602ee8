import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

const LATENCIES = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/**
 * What a process tells Prometheus. Labels are few and bounded: codes, kinds and route templates; never a tenant's or a
 * person's id.
 */
export function createMetrics(service: 'api' | 'worker') {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];

  const requests = new Histogram({
    name: 'provost_http_request_seconds',
    help: 'HTTP requests that were answered.',
    labelNames: ['method', 'route', 'status'],
    buckets: LATENCIES,
    registers,
  });
  const changes = new Histogram({
    name: 'provost_change_seconds',
    help: 'Changes from request to answer, by how they were answered.',
    labelNames: ['operation', 'source', 'outcome'],
    buckets: LATENCIES,
    registers,
  });
  const steps = new Histogram({
    name: 'provost_step_seconds',
    help: 'Attempts of steps on targets, by what came of them.',
    labelNames: ['connector', 'outcome'],
    buckets: LATENCIES,
    registers,
  });
  const deviations = new Counter({
    name: 'provost_scim_deviations_total',
    help: 'What clients did differently from the SCIM RFCs, where their service provider is observed.',
    labelNames: ['deviation'],
    registers,
  });
  const targets = new Gauge({
    name: 'provost_target_state',
    help: 'Targets of all tenants, by where they stand.',
    labelNames: ['state'],
    registers,
  });
  const waiting = new Gauge({
    name: 'provost_waiting_steps',
    help: 'Steps that wait for targets which cannot be called.',
    registers,
  });
  const signInFailures = new Counter({
    name: 'provost_sign_in_failures_total',
    help: 'Attempts to sign in whose secret was wrong.',
    labelNames: ['method'],
    registers,
  });
  const signInRefusals = new Counter({
    name: 'provost_sign_in_refusals_total',
    help: 'Attempts to sign in that were refused unchecked, because too many like them had failed.',
    labelNames: ['method', 'limit'],
    registers,
  });
  const refusedPayloads = new Counter({
    name: 'provost_refused_payloads_total',
    help: 'Payloads from Temporal that this installation did not write, or not for the workflow that got them.',
    labelNames: ['reason'],
    registers,
  });
  const auditAlarms = new Counter({
    name: 'provost_audit_alarms_total',
    help: 'Audit trails in which something was found that only tampering, or a loss in the database, explains.',
    labelNames: ['reason'],
    registers,
  });
  const ready = new Gauge({ name: 'provost_ready', help: '1 while the process can serve.', registers });

  return {
    observeRequest: ({ method, route, status, seconds }: ObservedRequest) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    observeChange: ({ operation, source, outcome, seconds }: ObservedChange) =>
      changes.observe({ operation, source, outcome }, seconds),
    observeStep: ({ connector, outcome, seconds }: ObservedStep) => steps.observe({ connector, outcome }, seconds),
    observeDeviation: (deviation: string) => deviations.inc({ deviation }),
    observeSignInFailure: (method: string) => signInFailures.inc({ method }),
    observeSignInRefusal: ({ method, limit }: ObservedRefusal) => signInRefusals.inc({ method, limit }),
    observeRefusedPayload: (reason: string) => refusedPayloads.inc({ reason }),
    observeAuditAlarm: (reason: string) => auditAlarms.inc({ reason }),
    /** @param states where each target stands */
    setTargets(states: readonly string[]): void {
      targets.reset();
      for (const state of states) targets.inc({ state });
    },
    setWaitingSteps: (count: number) => waiting.set(count),
    setReady: (isReady: boolean) => ready.set(isReady ? 1 : 0),
    /** The exposition format, with its media type. */
    async expose(): Promise<{ readonly contentType: string; readonly text: string }> {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

interface ObservedRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

interface ObservedRefusal {
  readonly method: string;
  readonly limit: string;
}

interface ObservedChange {
  readonly operation: string;
  readonly source: string;
  readonly outcome: string;
  readonly seconds: number;
}

interface ObservedStep {
  readonly connector: string;
  readonly outcome: string;
  readonly seconds: number;
}
