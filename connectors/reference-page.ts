import { z } from 'zod';
import { CONNECTORS, type ConnectorType } from './registry.ts';
import { failuresInWords } from './scim2/failures-in-words.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

interface Row {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const HEAD = `# Connectors

A target is a configured instance of a connector. The settings here are the \`settings\` of a target in the
[administration API](administration-api.md). Secret ones are sealed in the database and never read back.

No connector connects to an internal address (loopback, private, link-local, metadata services and the like), or to a
public one without https, unless \`PROVOST_OUTBOUND_ALLOW\` names it, for the tenant and the port; a step that tries fails
with \`TARGET_ADDRESS_FORBIDDEN\`. What is checked is the address that is connected to, each time. Redirects are not followed, and a proxy named in the environment is not used.

To add a connector, see [Write a connector](../guides/write-a-connector.md).

This page is made from the connectors' settings by \`node docs/write-reference.ts\`.
`;

const SCIM2_FAILURES = `### What its failures mean

↻ is tried again, after Retry-After where the target names a time. \`TARGET_OUTCOME_UNKNOWN\` means that it may have been
done: the next attempt looks at the target first, and a create is never sent again before the account was looked for.

${failuresInWords()}

A search that is answered 404 found nothing; one that is refused with 400 or 501 is done page by page, without its filter,
through at most 5,000 accounts. Without any answer:

| what happened | when looking | when creating, changing or deleting |
| --- | --- | --- |
| no connection: name, address, TLS | TARGET_UNAVAILABLE ↻ | TARGET_UNAVAILABLE ↻: nothing was sent |
| closed, cut off or not in time | TARGET_UNAVAILABLE ↻ | TARGET_OUTCOME_UNKNOWN ↻ |
| a success that cannot be read: no JSON, no id, longer than 1 MiB (a list: 8 MiB) | TARGET_UNAVAILABLE ↻ | TARGET_OUTCOME_UNKNOWN ↻ |
`;

/** The page docs/reference/connectors.md. */
export const connectorsPage = (): string => [HEAD, ...CONNECTORS.map(sectionOf)].join('\n');

function sectionOf(connector: ConnectorType): string {
  const schema = z.toJSONSchema(connector.settings, { io: 'input' }) as JsonSchema;
  const rows = rowsOf(schema);
  const choices = rows.flatMap((row) => alternativesOf(row.schema).map((alternative) => ({ row, alternative })));
  return [
    `## ${connector.title} (\`${connector.type}\`)\n`,
    `${connector.description}\n`,
    `${tableOf(rows, connector.secrets)}\n`,
    ...choices.flatMap(({ row, alternative }) => {
      const [[discriminator, value] = ['', ''], ...others] = partedBy(alternative);
      const inner = rowsOf(alternative).filter(({ name }) => others.some(([other]) => other === name));
      const title = `### \`${row.name}\` with \`${discriminator}\`: \`${value}\`\n`;
      return inner.length === 0 ? [title, 'Nothing else.\n'] : [title, `${tableOf(inner, [])}\n`];
    }),
    ...(connector.type === 'scim2' ? [SCIM2_FAILURES] : []),
  ].join('\n');
}

/** Its fields, those of objects inside it too: `capabilities.groups`. */
function rowsOf(schema: JsonSchema, prefix = ''): Row[] {
  const required = new Set((schema['required'] as readonly string[] | undefined) ?? []);
  return Object.entries(propertiesOf(schema)).flatMap(([name, field]) => [
    { name: `${prefix}${name}`, schema: field, required: required.has(name) },
    ...rowsOf(field, `${prefix}${name}.`),
  ]);
}

/** The constant that tells an alternative from others comes first, then its other fields. */
function partedBy(alternative: JsonSchema): [string, string][] {
  const fields = Object.entries(propertiesOf(alternative));
  const isConstant = ([, field]: [string, JsonSchema]): boolean => field['const'] !== undefined;
  return [...fields.filter(isConstant), ...fields.filter((field) => !isConstant(field))].map(([name, field]) => [
    name,
    String(field['const'] ?? ''),
  ]);
}

const alternativesOf = (schema: JsonSchema): readonly JsonSchema[] =>
  (schema['oneOf'] as readonly JsonSchema[] | undefined) ?? [];

const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined) ?? {};

const tableOf = (rows: readonly Row[], secrets: readonly string[]): string =>
  [
    '| setting | value | default | what it does |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ name, schema, required }) => {
      const preset = required ? '**required**' : defaultOf(schema);
      const value = [valueInWords(schema), ...(secrets.includes(name) ? ['**secret**'] : [])].join('; ');
      return `| \`${name}\` | ${value} | ${preset} | ${cell(String(schema['description'] ?? ''))} |`;
    }),
  ].join('\n');

function defaultOf(schema: JsonSchema): string {
  const preset = schema['default'];
  return preset === undefined || Object.keys(propertiesOf(schema)).length > 0 ? '' : `\`${JSON.stringify(preset)}\``;
}

function valueInWords(schema: JsonSchema): string {
  const options = schema['enum'];
  if (Array.isArray(options)) return options.map((option) => `\`${String(option)}\``).join(', ');
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) {
    const kinds = alternatives.map((alternative) => partedBy(alternative)[0]);
    return `object by its \`${kinds[0]?.[0]}\`: ${kinds.map((kind) => `\`${kind?.[1]}\``).join(', ')}`;
  }
  const { minimum, maximum, maxLength } = schema;
  if (minimum !== undefined) return `${schema['type']} from ${minimum} to ${maximum}`;
  if (maxLength !== undefined) return `text, at most ${maxLength} characters`;
  return schema['type'] === 'string' || Array.isArray(schema['anyOf']) ? 'text' : String(schema['type']);
}

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|');
