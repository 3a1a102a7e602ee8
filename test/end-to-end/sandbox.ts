import { type SandboxTarget, startSandboxTarget } from '../../dev/sandbox-target.ts';
import { type Behave, type FaultyTarget, startFaultyTarget } from '../connectors/faulty-target.ts';
import type { TargetWish } from './tenant.ts';

const TOKEN = 'sandbox';

export interface HeldAccount {
  readonly id: string;
  readonly userName: string;
  readonly [attribute: string]: unknown;
}

/** A real SCIM server with, in front of it, one that fails as it is told. */
export interface FaultySandbox extends Pick<FaultyTarget, 'received' | 'script'> {
  /** What a tenant needs to provision to it. */
  readonly wish: TargetWish;
  /** Accounts whose user name begins so, whatever the letter case. */
  accounts(prefix: string): Promise<HeldAccount[]>;
  /** All that it holds. */
  everything(): Promise<{ readonly users: HeldAccount[]; readonly groups: Readonly<Record<string, unknown>>[] }>;
  /** What happens from now on to each request that no script is for; undefined lets it pass. */
  fail(behave: Behave): void;
  heal(): void;
  stop(): Promise<void>;
}

export async function startFaultySandbox(): Promise<FaultySandbox> {
  let behave: Behave | undefined;
  const sandbox: SandboxTarget = await startSandboxTarget({ host: '127.0.0.1', port: 0, token: TOKEN });
  const proxy = await startFaultyTarget({ upstream: sandbox.url, behave: (request) => behave?.(request) });
  const everything = async () => {
    const answer = await fetch(sandbox.pageUrl, { headers: { accept: 'application/json' } });
    return (await answer.json()) as { users: HeldAccount[]; groups: Record<string, unknown>[] };
  };
  return {
    wish: { baseUrl: proxy.url, token: TOKEN },
    received: proxy.received,
    script: proxy.script,
    fail(wanted) {
      behave = wanted;
    },
    heal() {
      behave = undefined;
    },
    everything,
    async accounts(prefix) {
      const { users } = await everything();
      return users.filter(({ userName }) => userName.toLowerCase().startsWith(prefix.toLowerCase()));
    },
    async stop() {
      await proxy.stop();
      await sandbox.stop();
    },
  };
}

/** The target refuses in its own words, in SCIM's form. */
export const refusal = (status: number, detail: string, headers: Readonly<Record<string, string>> = {}) =>
  ({
    kind: 'answer',
    status,
    headers,
    body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status), detail },
  }) as const;
