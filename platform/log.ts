import pino, { type DestinationStream } from 'pino';
import { redact } from './redact.ts';

export type Logger = pino.Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  /** Which process writes: `api`, `worker`. */
  readonly service: string;
  readonly level: LogLevel;
  /** Where lines go; standard output unless a test listens. */
  readonly destination?: DestinationStream;
}

/**
 * A logger that writes one JSON object a line. Whatever is logged, in fields, text, errors and child bindings, passes
 * {@link redact} first.
 *
 * @example
 * const log = createLogger({ service: 'api', level: 'info' });
 * log.child({ tenant, change }).info({ durationMs }, 'change accepted');
 */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => error }, // redact() has made it a plain object already
    formatters: { level: (label) => ({ level: label }) },
    hooks: {
      logMethod(given, method) {
        method.apply(this, redactArguments(given) as Parameters<typeof method>);
      },
    },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);

  // Children inherit from their parent, so this serves children of children too.
  const makeChild = logger.child;
  Object.assign(logger, {
    child(this: Logger, bindings: pino.Bindings, childOptions?: pino.ChildLoggerOptions): unknown {
      return Reflect.apply(makeChild, this, [redact(bindings), childOptions]);
    },
  });
  return logger;
}

/** pino takes an error, or fields, before the text; an error must stay recognisable as one when it has become fields. */
function redactArguments([first, ...rest]: readonly unknown[]): unknown[] {
  if (!(first instanceof Error)) return [first, ...rest].map((argument) => redact(argument));
  const message = typeof rest[0] === 'string' ? rest : [first.message];
  return [{ err: redact(first) }, ...message.map((argument) => redact(argument))];
}
