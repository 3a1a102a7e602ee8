import { CannotStartError } from '../services/progress.ts';

/** Ports by what listens there, with the variable that changes each. */
const PORTS = {
  temporal: ['PROVOST_TEMPORAL_PORT', 7233],
  temporalUi: ['PROVOST_TEMPORAL_UI_PORT', 8233],
  mongodb: ['PROVOST_MONGODB_PORT', 27017],
  api: ['PROVOST_API_PORT', 8080],
  apiMetrics: ['PROVOST_API_METRICS_PORT', 9463],
  worker: ['PROVOST_WORKER_METRICS_PORT', 9464],
  sandbox: ['PROVOST_SANDBOX_PORT', 8090],
} as const;

export type Ports = Readonly<Record<keyof typeof PORTS, number>>;

/** @throws CannotStartError for what is no port */
export const portsFrom = (env: NodeJS.ProcessEnv): Ports =>
  Object.fromEntries(
    Object.entries(PORTS).map(([name, [variable, preset]]) => [name, portFrom(variable, env[variable] || preset)]),
  ) as Ports; // made from PORTS

function portFrom(variable: string, given: string | number): number {
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new CannotStartError(`${variable} must be a port, from 0 to 65535.`);
}
