import { type MongodbOptions, startMongodb } from './mongodb.ts';
import { startTemporal, type TemporalOptions } from './temporal.ts';

export type ServicesOptions = Omit<TemporalOptions & MongodbOptions, 'ports'> & {
  readonly ports: TemporalOptions['ports'] & MongodbOptions['ports'];
};

export interface Services {
  readonly temporalAddress: string;
  readonly temporalUi?: string;
  readonly mongodbUri: string;
  /** Ends what was started, in good order. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts what Provost runs on, side by side, unless the environment names servers that run already.
 *
 * @throws CannotStartError with what a person can do; whatever had been started is stopped again
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const starting = [startTemporal(options), startMongodb(options)] as const;
  const [temporal, mongodb] = await Promise.all(starting).catch(async (error: unknown) => {
    const started = (await Promise.allSettled(starting)).filter((result) => result.status === 'fulfilled');
    await Promise.all(started.map(({ value }) => value.stop()));
    throw error;
  });
  return {
    temporalAddress: temporal.address,
    ...(temporal.ui ? { temporalUi: temporal.ui } : {}),
    mongodbUri: mongodb.uri,
    async stop() {
      const ended = await Promise.allSettled([mongodb.stop(), temporal.stop()]);
      for (const { reason } of ended.filter((result) => result.status === 'rejected')) throw reason;
    },
  };
}
