import type { TenantId } from './ids.ts';
import type { Target } from './policy.ts';

/**
 * The place that a target's secret setting is sealed to. Put into another target or tenant, or sent anywhere else than to
 * the addresses in the target's settings, it does not open: whoever changes an address gives the secret anew.
 */
export const targetSecretContext = (
  tenant: TenantId,
  { id, settings }: Pick<Target, 'id' | 'settings'>,
  setting: string,
): string => `${tenant}/targets/${id}/${setting} for ${destinationsIn(settings).join(' ')}`;

/**
 * Where a connector with these settings may send something: scheme, host and port of every URL in them, sorted. An address
 * inside a secret setting, such as that of a token endpoint, is sealed with the secret.
 *
 * @example
 * destinationsIn({ baseUrl: 'https://Example.com:443/scim' }); // ['https://example.com']
 */
export const destinationsIn = (settings: Target['settings']): readonly string[] =>
  [...new Set(textsIn(settings).flatMap(destinationOf))].sort();

function destinationOf(text: string): string[] {
  if (!text.includes('://') || !URL.canParse(text)) return [];
  const { protocol, host } = new URL(text);
  return [`${protocol}//${host}`];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
