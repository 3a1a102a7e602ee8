import type { TargetId, TenantId } from './ids.ts';

/** The place that a target's secret setting is sealed to: put into another target or tenant, it doesn't open. */
export const targetSecretContext = (tenant: TenantId, target: TargetId, setting: string): string =>
  `${tenant}/targets/${target}/${setting}`;
