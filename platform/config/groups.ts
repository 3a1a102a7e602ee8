import { api, bootstrap, codec, oauth } from './api-settings.ts';
import { encryption, mongo, outbound, temporal } from './backend-settings.ts';
import { audit, changes, log, mail, shutdown, worker } from './process-settings.ts';
import type { Setting, SettingsGroup } from './setting.ts';

/** Every setting there is, in the order of the reference page. */
export const groups = {
  api,
  oauth,
  temporal,
  mongo,
  encryption,
  outbound,
  changes,
  worker,
  audit,
  mail,
  codec,
  log,
  shutdown,
  bootstrap,
} as const satisfies Record<string, SettingsGroup>;

export const allSettings: readonly Setting<unknown>[] = Object.values<SettingsGroup>(groups).flatMap(({ settings }) =>
  Object.values(settings),
);
