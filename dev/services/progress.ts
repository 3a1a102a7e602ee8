/** Receives one plain sentence whenever something starts that a person may have to wait for. */
export type OnProgress = (message: string) => void;

/** The service cannot run here; the message says why and what a person can do about it. */
export class CannotStartError extends Error {
  override readonly name = 'CannotStartError';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
