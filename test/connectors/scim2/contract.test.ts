import { connectorContract } from '../connector-contract.ts';
import { faultyTarget } from '../faulty.ts';
import { connectorTo, ownSandbox } from './sandbox-connector.ts';

for (const update of ['patch', 'put']) {
  connectorContract(`scim2 by ${update}`, async (t) => {
    const between = await faultyTarget(t, { upstream: (await ownSandbox(t)).url });
    return { between, connector: connectorTo(t, between.url, { update }) };
  });
}
