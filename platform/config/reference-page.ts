import { groups } from './groups.ts';
import type { Setting, SettingsGroup } from './setting.ts';

const HEAD = `# Configuration

Provost reads its configuration from the environment, once, when a process starts. The API and the worker take the same
variables; each uses what concerns it. What is wrong is reported at once, by variable, and the process doesn't start.
A variable that is empty counts as not set.

This page is made from the settings in \`platform/config/\` by \`node docs/write-reference.ts\`.
`;

/** The page docs/reference/configuration.md. */
export const configurationPage = (): string =>
  [HEAD, ...Object.values<SettingsGroup>(groups).map(sectionOf)].join('\n');

function sectionOf({ title, settings }: SettingsGroup): string {
  const rows = Object.values(settings).map(
    (setting) =>
      `| \`${setting.variable}\` | ${setting.description} | ${valueInWords(setting)} | ${defaultInWords(setting)} | \`${setting.example}\` |`,
  );
  return [
    `## ${title}\n`,
    '| variable | what it sets | value | default | example |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const valueInWords = ({ format, unit, secret }: Setting<unknown>): string =>
  [format.words, unit, secret ? '**secret**' : undefined].filter((part) => part !== undefined).join('; ');

function defaultInWords(setting: Setting<unknown>): string {
  if (setting.presence === 'required') return '**required**';
  if (setting.presence === 'optional') return setting.absence ?? '';
  return setting.default === '' ? 'empty' : `\`${setting.default}\``;
}
