/** Why a payload that Temporal handed over is not believed. */
export type RefusalReason = 'not-encrypted' | 'not-bound' | 'of-another-workflow' | 'altered';

const MARK = 'provost:refused';

/** What stands in the place of a payload that was refused, so that one forged message does not stop a workflow for good. */
export const refusedPayload = (reason: RefusalReason): Readonly<Record<string, string>> => ({ [MARK]: reason });

export const isRefusedPayload = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 1 && MARK in value;
