import type { AllowedAddresses } from '../connectors/http/internal-addresses.ts';
import { sendRequest, UnansweredRequest } from '../connectors/http/send-request.ts';
import { createTenantDispatchers } from '../connectors/http/tenant-dispatchers.ts';
import { isProvostError, ProvostError } from '../domain/errors.ts';
import type { TenantId } from '../domain/ids.ts';

const TIMEOUT_MS = 15_000;
/** Nothing of the answer is looked at. */
const LONGEST_ANSWER = 10_000;

/** Posts to addresses that a tenant or the installation names, and to no internal one that is not allowed. */
export function createWebhookPost(allow: AllowedAddresses) {
  const dispatchers = createTenantDispatchers(allow);
  return {
    /**
     * @param tenant whose webhook it is; undefined for the installation's own, which may not call what is kept to a tenant
     * @returns the status of the answer; redirects are not followed
     * @throws ProvostError `TARGET_UNAVAILABLE`, `TARGET_ADDRESS_FORBIDDEN`
     */
    async post(
      tenant: TenantId | undefined,
      url: string,
      headers: Readonly<Record<string, string>>,
      body: string,
    ): Promise<number> {
      try {
        const sent = {
          method: 'POST',
          url,
          headers,
          body,
          timeoutMs: TIMEOUT_MS,
          maxAnswerBytes: LONGEST_ANSWER,
        } as const;
        return (await sendRequest(sent, dispatchers.of(tenant), new AbortController().signal)).status;
      } catch (error) {
        for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
          if (isProvostError(cause, 'TARGET_ADDRESS_FORBIDDEN')) throw cause;
        if (error instanceof UnansweredRequest)
          throw new ProvostError('TARGET_UNAVAILABLE', `The webhook gave no answer: ${error.reason}.`);
        throw error;
      }
    },
    close: () => dispatchers.close(),
  };
}
