import type { z } from 'zod';
import type { Capabilities } from '../../../domain/capabilities.ts';
import type { TargetId, TenantId } from '../../../domain/ids.ts';
import type { Target } from '../../../domain/policy.ts';
import type { Sealer } from '../../../domain/sealing.ts';
import { destinationsIn, targetSecretContext } from '../../../domain/target-secret-context.ts';
import { parse } from '../parse-input.ts';
import { InvalidRequest } from '../problem.ts';

/** What is known of a type of connector here: how its settings look, and which of them nobody may read back. */
export interface ConnectorType {
  readonly settings: z.ZodType;
  readonly secrets: readonly string[];
  /** @param settings secret ones among them, as they were checked */
  capabilities(settings: Readonly<Record<string, unknown>>): Capabilities;
}

/** @returns undefined where there is no such connector */
export type FindConnectorType = (type: string) => ConnectorType | undefined;

export type StoredSettings = Pick<Target, 'settings' | 'sealedSecrets'>;

export interface CheckedSettings {
  readonly stored: StoredSettings;
  /** What targets with these settings can do. */
  readonly capabilities: Capabilities;
}

export interface SettingsInput {
  readonly tenant: TenantId;
  readonly target: TargetId;
  readonly connector: ConnectorType;
  readonly given: Readonly<Record<string, unknown>>;
  /** What the target has now; absent for a new one. */
  readonly held?: StoredSettings;
}

/**
 * Checks settings as a whole and parts the secret ones, sealed. A secret that is left out, or sent as the placeholder
 * that a GET shows, stays what it is, as long as it goes to the same address; `null` removes it.
 *
 * @throws InvalidRequest with the paths at fault, e.g. `settings.baseUrl`
 */
export function toStoredSettings(input: SettingsInput, sealer: Sealer): CheckedSettings {
  const { tenant, target: id, connector, given, held } = input;
  const kept = keptSecrets(input);
  const whole: Record<string, unknown> = { ...given };
  for (const name of connector.secrets) if (isLeftOut(given[name])) delete whole[name];
  for (const [name, sealed] of kept) {
    const context = targetSecretContext(tenant, { id, settings: held?.settings ?? {} }, name);
    whole[name] = open(sealer, sealed, name, context);
  }

  const checked = parse(connector.settings, whole, 'settings') as Record<string, unknown>;
  const isSecret = ([name]: [string, unknown]): boolean => connector.secrets.includes(name);
  const entries = Object.entries(checked).filter(([, value]) => value !== undefined);
  const settings = Object.fromEntries(entries.filter((entry) => !isSecret(entry)));
  requireSameDestinations([...kept.keys()], held?.settings ?? {}, settings);
  const seal = (name: string, value: unknown): string =>
    sealer.seal(value, targetSecretContext(tenant, { id, settings }, name));
  const sealedSecrets = Object.fromEntries(
    entries.filter(isSecret).map(([name, value]) => [name, kept.get(name) ?? seal(name, value)]),
  );
  const stored = { settings, sealedSecrets };
  return { stored, capabilities: connector.capabilities(checked) };
}

/** Settings as they may be read: of a secret one, only that it is there. */
export const readableSettings = ({ settings, sealedSecrets }: StoredSettings): Readonly<Record<string, unknown>> => ({
  ...settings,
  ...Object.fromEntries(Object.keys(sealedSecrets).map((name) => [name, { set: true }])),
});

function keptSecrets({ connector, given, held }: SettingsInput): Map<string, string> {
  const kept = new Map<string, string>();
  for (const name of connector.secrets) {
    const sealed = held?.sealedSecrets[name];
    if (sealed !== undefined && (given[name] === undefined || isPlaceholder(given[name]))) kept.set(name, sealed);
    else if (isPlaceholder(given[name])) {
      throw new InvalidRequest([{ path: `settings.${name}`, message: 'No value is kept for this secret; send it.' }]);
    }
  }
  return kept;
}

/** Whoever may configure a target must not have its secrets sent where they can read them. */
function requireSameDestinations(
  secrets: readonly string[],
  before: StoredSettings['settings'],
  after: StoredSettings['settings'],
): void {
  const [from, to] = [destinationsIn(before), destinationsIn(after)].map((each) => each.join(' '));
  if (from === to || secrets.length === 0) return;
  const message = `The target is at another address now (${to}, before: ${from}). Send this secret again with it.`;
  throw new InvalidRequest(secrets.map((name) => ({ path: `settings.${name}`, message })));
}

function open(sealer: Sealer, sealed: string, name: string, context: string): unknown {
  try {
    return sealer.unseal(sealed, context);
  } catch (cause) {
    // Its key is gone from the ring: nobody can use this value any more, and sending it anew mends that.
    throw new InvalidRequest(
      [{ path: `settings.${name}`, message: 'The kept value can no longer be opened; send it again.' }],
      { cause },
    );
  }
}

const isLeftOut = (value: unknown): boolean => value === undefined || value === null || isPlaceholder(value);

const isPlaceholder = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 1 &&
  'set' in value &&
  value.set === true;
