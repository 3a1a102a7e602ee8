import type { z } from 'zod';
import type { TargetId, TenantId } from '../../../domain/ids.ts';
import type { Policy } from '../../../domain/policy.ts';
import type { Readable } from '../route.ts';
import type { AttentionKind, attentionItem } from './schemas.ts';

export type AttentionItem = Readable<z.input<typeof attentionItem>>;

export interface AttentionRequest {
  readonly tenant: TenantId;
  readonly policy: Policy;
  /** Only what concerns this target. */
  readonly target?: TargetId;
  /** Only what failed with this error code. */
  readonly code?: string;
  /** Where the page before ended, as the source itself said it. */
  readonly after?: string;
  readonly limit: number;
}

export interface AttentionPart {
  readonly items: readonly AttentionItem[];
  /** Where to go on; absent where there is nothing more. */
  readonly next?: string;
}

/** One kind of thing that needs a person. What it gives is found by an index, a page at a time, in an order that stays. */
export interface AttentionSource {
  readonly kind: AttentionKind;
  read(request: AttentionRequest): Promise<AttentionPart>;
}
