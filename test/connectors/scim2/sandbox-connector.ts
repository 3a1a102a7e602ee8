import type { TestContext } from 'node:test';
import { Agent } from 'undici';
import type { Connector } from '../../../connectors/connector.ts';
import { createConnector } from '../../../connectors/registry.ts';
import { type SandboxTarget, startSandboxTarget } from '../../../dev/sandbox-target.ts';

export const TOKEN = 'sandbox-token';

/** A sandbox of the test's own. */
export async function ownSandbox(t: TestContext): Promise<SandboxTarget> {
  const sandbox = await startSandboxTarget({ port: 0, host: '127.0.0.1', token: TOKEN });
  t.after(() => sandbox.stop());
  return sandbox;
}

/** A connector that goes with the test. */
export function connectorTo(t: TestContext, baseUrl: string, settings: Record<string, unknown> = {}): Connector {
  const dispatcher = new Agent();
  t.after(() => dispatcher.destroy());
  return createConnector(
    'scim2',
    { baseUrl, authentication: { kind: 'bearer', token: TOKEN }, ...settings },
    { dispatcher },
  );
}

export const signal = (): AbortSignal => AbortSignal.timeout(30_000);
