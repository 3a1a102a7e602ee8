import type { AccountType, Connector } from '../../../connectors/connector.ts';
import { type Ability, requireCapable } from '../../../domain/capabilities.ts';
import { isProvostError, ProvostError } from '../../../domain/errors.ts';
import { meaningOfFailure } from '../../../domain/target-health.ts';
import type { Caller, Gate } from './gate.ts';

export interface Metering {
  readonly caller: Caller;
  readonly gate: Pick<Gate, 'takeTurn'>;
  /** Asked before an account goes. @throws ProvostError `DELETION_STAGED` */
  beforeAccountGoes(how: 'delete' | 'disable'): Promise<void>;
}

/** Faults of ours that no call left for are none of these. */
export type LastCall = 'answered' | ProvostError;

export interface MeteredConnector extends Connector {
  /** What came of the last call that left: `answered`, or the failure that the connector threw. Absent where none left. */
  readonly lastCall: LastCall | undefined;
}

/**
 * A connector for one step: asked only for what the target can do, each call takes its turn by the target's rate, and
 * accounts go only as its guard allows.
 */
export function meterConnector(connector: Connector, { caller, gate, beforeAccountGoes }: Metering): MeteredConnector {
  let lastCall: LastCall | undefined;
  async function call<Result>(doing: () => Promise<Result>): Promise<Result> {
    await gate.takeTurn(caller);
    try {
      const result = await doing();
      lastCall = 'answered';
      return result;
    } catch (error) {
      // A call that was cancelled from here, by an urgent step or the end of a worker, was given no time to be answered.
      const isCancelled = caller.signal.aborted;
      if (!isCancelled && isProvostError(error) && meaningOfFailure(error) !== 'nothing') lastCall = error;
      throw error;
    }
  }
  const { readMembers, readAttributes, capabilities } = connector;
  const able = (type: AccountType, ability?: Ability): void => requireCapable(capabilities, type, ability);
  const metered: MeteredConnector = {
    ...(readMembers === undefined
      ? {}
      : {
          async readMembers(remoteId, signal) {
            able('Group');
            return call(() => readMembers.call(connector, remoteId, signal));
          },
        }),
    ...(readAttributes === undefined
      ? {}
      : {
          async readAttributes(type, remoteId, attributes, signal) {
            able(type);
            return call(() => readAttributes.call(connector, type, remoteId, attributes, signal));
          },
        }),
    capabilities,
    get lastCall() {
      return lastCall;
    },
    async find(type, match, signal) {
      able(type);
      return call(() => connector.find(type, match, signal));
    },
    async list(type, cursor, signal) {
      able(type);
      return call(() => connector.list(type, cursor, signal));
    },
    async read(type, remoteId, signal) {
      able(type);
      return call(() => connector.read(type, remoteId, signal));
    },
    async create(type, content, signal) {
      able(type, 'create');
      return call(() => connector.create(type, content, signal));
    },
    async update(type, remoteId, update, signal) {
      able(type, 'update');
      return call(() => connector.update(type, remoteId, update, signal));
    },
    async disable(type, remoteId, signal) {
      able(type, 'disable');
      await beforeAccountGoes('disable');
      await call(() => connector.disable(type, remoteId, signal));
    },
    async enable(type, remoteId, signal) {
      able(type, 'enable');
      await call(() => connector.enable(type, remoteId, signal));
    },
    async delete(type, remoteId, signal) {
      able(type, 'delete');
      await beforeAccountGoes('delete');
      await call(() => connector.delete(type, remoteId, signal));
    },
    async changeMembers(remoteId, members, signal) {
      able('Group', 'members');
      await call(() => connector.changeMembers(remoteId, members, signal));
    },
    test: (signal) => call(() => connector.test(signal)),
    close: async () => {
      // The connection is every step's.
      throw new ProvostError('TARGET_MISCONFIGURED', 'A step does not close the connector that others use.');
    },
  };
  return metered;
}
