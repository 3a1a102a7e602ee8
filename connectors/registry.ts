import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import type { Capabilities } from '../domain/capabilities.ts';
import { ProvostError } from '../domain/errors.ts';
import type { Connector } from './connector.ts';
import { createScim2Connector, scim2Capabilities } from './scim2/scim2-connector.ts';
import { scim2Settings } from './scim2/settings.ts';

export interface ConnectorDependencies {
  /** Keeps connections, guards addresses; shared by all connectors and closed by its owner. */
  readonly dispatcher: Dispatcher;
}

/** A type of outbound integration, as the administration and the documentation see it. */
export interface ConnectorType {
  readonly type: string;
  /** For people, e.g. `SCIM 2.0`. */
  readonly title: string;
  readonly description: string;
  /** Checks settings and fills in defaults; each field carries its description. What it gives, it takes again. */
  readonly settings: z.ZodType;
  /** Names of the settings that are sealed as a whole and never shown. */
  readonly secrets: readonly string[];
  /** What targets with these settings can do; what is configured beyond it is refused. */
  capabilities(settings: unknown): Capabilities;
  /** @throws ProvostError `INVALID_VALUE` with the path of the setting at fault */
  create(settings: unknown, dependencies: ConnectorDependencies): Connector;
}

const defineConnector = <Settings>(
  traits: Omit<ConnectorType, 'create' | 'settings' | 'capabilities'> & {
    readonly settings: z.ZodType<Settings>;
    capabilities(settings: Settings): Capabilities;
  },
  build: (settings: Settings, dependencies: ConnectorDependencies) => Connector,
): ConnectorType => ({
  ...traits,
  capabilities: (settings) => traits.capabilities(parseSettings(traits.settings, settings)),
  create: (settings, dependencies) => build(parseSettings(traits.settings, settings), dependencies),
});

/** Every connector there is. */
export const CONNECTORS: readonly ConnectorType[] = [
  defineConnector(
    {
      type: 'scim2',
      title: 'SCIM 2.0',
      description: 'Any system with a SCIM 2.0 endpoint (RFC 7643, RFC 7644).',
      settings: scim2Settings,
      secrets: ['authentication'],
      capabilities: scim2Capabilities,
    },
    createScim2Connector,
  ),
];

/** @returns undefined where there is no such connector */
export const findConnectorType = (type: string): ConnectorType | undefined =>
  CONNECTORS.find((connector) => connector.type === type);

/**
 * Builds a target's connector.
 *
 * @param settings with the secret ones, opened
 * @throws ProvostError `INVALID_VALUE`: path `connector` where there is no such type, else the setting at fault
 */
export function createConnector(type: string, settings: unknown, dependencies: ConnectorDependencies): Connector {
  const connector = findConnectorType(type);
  if (connector !== undefined) return connector.create(settings, dependencies);
  const known = CONNECTORS.map((each) => each.type).join(', ');
  throw new ProvostError('INVALID_VALUE', `There is no such connector. There are: ${known}.`, { path: 'connector' });
}

function parseSettings<Settings>(schema: z.ZodType<Settings>, given: unknown): Settings {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = ['settings', ...(issue?.path ?? [])].map(String).join('.');
  throw new ProvostError('INVALID_VALUE', `${path}: ${issue?.message ?? 'Not valid.'}`, { path });
}
