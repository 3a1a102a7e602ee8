import { createServer } from 'node:net';
import { CannotStartError } from './progress.ts';

const HOST = '127.0.0.1';

export interface PortWish {
  /** 0 picks a free one. */
  readonly port: number;
  /** What listens there, as a person would say it: "the Temporal server". */
  readonly wantedBy: string;
  /** The variable (or option) to change when it is taken. */
  readonly variable: string;
}

/**
 * Resolves a wish to a port that was free a moment ago.
 *
 * @throws {@link CannotStartError} that names the port, what wanted it and the variable to change
 */
export async function claimPort({ port, wantedBy, variable }: PortWish): Promise<number> {
  const server = createServer();
  try {
    return await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: HOST, port, exclusive: true }, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = code === 'EADDRINUSE' ? 'is already in use' : `cannot be opened (${String(code)})`;
    throw new CannotStartError(
      `Port ${port}, wanted by ${wantedBy}, ${why}. Stop what uses it or set ${variable} to another port.`,
    );
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
