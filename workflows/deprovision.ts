import type { ReprojectionRequest } from '../activities/contract.ts';
import { coreUntilDone } from './activity-options.ts';

/**
 * The end of an account's grace: it was disabled when nobody should have it any more, and is deleted when this runs.
 * The server starts it after the days that the target's policy gives; meanwhile nothing waits anywhere else. It only
 * asks for the account to be brought up to date: the step deletes it if its time is over and the resource is not back.
 */
export async function deprovision(request: ReprojectionRequest): Promise<void> {
  await coreUntilDone.reproject(request);
}
