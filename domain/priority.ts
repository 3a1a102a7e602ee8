import type { TenantId } from './ids.ts';

/** Who goes first where tasks queue: 1 before 3, the server's default, before 5. */
const KEYS = { urgent: 1, ordinary: 3, background: 5 } as const;

export type Urgency = keyof typeof KEYS;

/** What Temporal orders tasks by. Tenants share what one priority leaves them fairly. */
export const priorityOf = (
  tenant: TenantId,
  urgency: Urgency,
): { readonly priorityKey: number; readonly fairnessKey: string } => ({
  priorityKey: KEYS[urgency],
  fairnessKey: tenant.slice(0, 64),
});
