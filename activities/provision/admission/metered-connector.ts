import type { AccountType, Connector } from '../../../connectors/connector.ts';
import { ProvostError } from '../../../domain/errors.ts';
import type { Caller, Gate } from './gate.ts';

export interface Metering {
  readonly caller: Caller;
  readonly gate: Pick<Gate, 'takeTurn'>;
  /** Asked before an account goes. @throws ProvostError `DELETION_STAGED` */
  beforeAccountGoes(how: 'delete' | 'disable'): Promise<void>;
}

export interface MeteredConnector extends Connector {
  /** Whether the target gave an answer to any call. */
  readonly wasAnswered: boolean;
}

/** A connector for one step: each call takes its turn by the target's rate, and accounts go only as its guard allows. */
export function meterConnector(connector: Connector, { caller, gate, beforeAccountGoes }: Metering): MeteredConnector {
  let wasAnswered = false;
  async function call<Result>(doing: () => Promise<Result>): Promise<Result> {
    await gate.takeTurn(caller);
    const result = await doing();
    wasAnswered = true;
    return result;
  }
  const { readMembers } = connector;
  const metered: MeteredConnector = {
    ...(readMembers === undefined
      ? {}
      : { readMembers: (remoteId, signal) => call(() => readMembers.call(connector, remoteId, signal)) }),
    capabilities: connector.capabilities,
    get wasAnswered() {
      return wasAnswered;
    },
    find: (type, match, signal) => call(() => connector.find(type, match, signal)),
    list: (type, cursor, signal) => call(() => connector.list(type, cursor, signal)),
    read: (type, remoteId, signal) => call(() => connector.read(type, remoteId, signal)),
    create: (type, content, signal) => call(() => connector.create(type, content, signal)),
    update: (type, remoteId, update, signal) => call(() => connector.update(type, remoteId, update, signal)),
    async disable(type: AccountType, remoteId: string, signal: AbortSignal) {
      await beforeAccountGoes('disable');
      await call(() => connector.disable(type, remoteId, signal));
    },
    async delete(type: AccountType, remoteId: string, signal: AbortSignal) {
      await beforeAccountGoes('delete');
      await call(() => connector.delete(type, remoteId, signal));
    },
    changeMembers: (remoteId, members, signal) => call(() => connector.changeMembers(remoteId, members, signal)),
    test: (signal) => call(() => connector.test(signal)),
    close: async () => {
      // The connection is every step's.
      throw new ProvostError('TARGET_MISCONFIGURED', 'A step does not close the connector that others use.');
    },
  };
  return metered;
}
