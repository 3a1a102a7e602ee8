import type { Maintained, RotationSettings, SigningKeyRotation } from './signing-key-rotation.ts';

const EVERY_MS = 3_600_000;

export interface Schedule {
  close(): void;
}

/** Looks after the signing keys now and each hour. A failure is reported and leaves the keys for the next time. */
export function rotateOnSchedule(
  rotation: Pick<SigningKeyRotation, 'maintain'>,
  settings: RotationSettings,
  report: { done(maintained: Maintained): void; failed(error: unknown): void },
): Schedule {
  const look = (): void => {
    rotation.maintain(settings).then((maintained) => {
      if (maintained.added.length + maintained.dropped.length > 0) report.done(maintained);
    }, report.failed);
  };
  look();
  const timer = setInterval(look, EVERY_MS).unref();
  return { close: () => clearInterval(timer) };
}
