import { ProvostError } from '../../domain/errors.ts';
import { isRecord } from '../../domain/scim/json.ts';
import type { CallAnswer, CallTarget } from './call-target.ts';
import { readList } from './read-account.ts';
import type { Place } from './write-account.ts';

/**
 * Reads one user, and not ServiceProviderConfig, which many targets show to anybody (RFC 7644 §4): only this proves the
 * credentials. A target without users may answer 404; then ServiceProviderConfig must show that it is one.
 *
 * @throws ProvostError `TARGET_MISCONFIGURED` where something else than SCIM is at the address
 */
export async function testTarget(call: CallTarget, { endpoint, signal }: Place): Promise<void> {
  const query = { startIndex: '1', count: '1' };
  const users = await call({
    method: 'GET',
    path: endpoint,
    query,
    accept: isNotFound,
    maxAnswerBytes: 8 * 1_048_576,
    signal,
  });
  if (users.status !== 404) {
    if (readList(users.body) === undefined) throw elsewhere(users.status);
    return;
  }
  const config = await call({ method: 'GET', path: 'ServiceProviderConfig', accept: isNotFound, signal });
  if (config.status === 404 || !isRecord(config.body) || !Array.isArray(config.body['schemas'])) {
    throw elsewhere(config.status);
  }
}

const isNotFound = ({ status }: CallAnswer): boolean => status === 404;

const elsewhere = (targetStatus: number): ProvostError =>
  new ProvostError('TARGET_MISCONFIGURED', 'There is no SCIM 2.0 endpoint here; check baseUrl and usersPath.', {
    targetStatus,
  });
