import { createLogger, type Logger } from '../../platform/log.ts';

export interface LogLine {
  readonly [field: string]: unknown;
  readonly err?: Readonly<Record<string, unknown>>;
}

/** A logger whose lines can be read back. */
export function recordingLogger(): { readonly log: Logger; readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) };
  return { log: createLogger({ service: 'test', level: 'trace', destination }), lines };
}
