import type { JsonSchema } from './components.ts';
import type { OpenApiDocument } from './document.ts';
import { COMMON_FAILURES, type Operation, type Parameter } from './operation.ts';

/** The page docs/reference/administration-api.md, made from the description that the API serves. */
export function referencePage(document: OpenApiDocument): string {
  const { info, tags, paths, components, servers } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const sections = tags.flatMap(({ name }) => [
    `## ${name}`,
    ...operations
      .filter(({ operation }) => operation.tags.includes(name))
      .map(({ path, method, operation }) => sectionOf(`${method.toUpperCase()} ${path}`, operation)),
  ]);
  return `${[
    '# Administration API',
    info.description,
    `All paths are below \`${servers[0]?.url ?? ''}\`. The API serves this description as OpenAPI 3.1 at \`/openapi.json\`. This page is made from it by \`node docs/write-reference.ts\`.`,
    '## Who may call',
    `A call takes one of the roles named with it. A credential for HTTP Basic has its roles always. A client that comes with an access token has a role only where the token carries the scope that goes with it: ${scopesOf(components)}. Roles count in the caller's own tenant; \`platform-admin\` counts in every tenant, for tenants and their configuration.`,
    '## Failures that many routes have',
    `${table(
      ['status', 'meaning'],
      Object.entries(COMMON_FAILURES).map(([status, words]) => `| ${status} | ${words} |`),
    )}\n\nTheir bodies are a [Problem](#problem), like those of the failures told with each route.`,
    ...sections,
    '## Schemas',
    ...Object.entries(components.schemas).map(([name, schema]) => `### ${name}\n\n${shapeOf(schema)}`),
  ].join('\n\n')}\n`;
}

function sectionOf(title: string, operation: Operation): string {
  const { summary, description, parameters, requestBody, responses } = operation;
  const roles = operation['x-roles'];
  const common = new Set<string>(Object.values(COMMON_FAILURES));
  const rows = Object.entries(responses)
    .filter(([, response]) => !common.has(response.description))
    .map(([status, { description: words, content }]) => `| ${status} | ${cell(words)} | ${contentOf(content ?? {})} |`);
  const body =
    requestBody === undefined
      ? []
      : [`Body${requestBody.required ? '' : ' (optional)'}: ${contentOf(requestBody.content)}.`];
  const given = parameters.filter((parameter) => parameter.in !== 'path');
  return [
    `### ${title}`,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    `Roles: ${roles === undefined ? 'any' : roles.map((role) => `\`${role}\``).join(', ')}.`,
    ...body,
    ...(given.length === 0 ? [] : [table(['parameter', 'in', 'value', 'what it does'], given.map(parameterRow))]),
    table(['status', 'meaning', 'body'], rows),
  ].join('\n\n');
}

const contentOf = (content: Readonly<Record<string, { readonly schema: JsonSchema }>>): string =>
  Object.values(content)
    .map(({ schema }) => typeOf(schema))
    .join(', ');

const parameterRow = ({ name, in: place, schema, description }: Parameter): string =>
  `| \`${name}\` | ${place} | ${typeOf(schema)} | ${cell(description ?? '')} |`;

/** Its fields; of a schema that has several shapes, those of each. */
function shapeOf(schema: JsonSchema): string {
  const choices = choicesOf(schema);
  if (choices === undefined) return fieldsOf(schema);
  return choices
    .flatMap((choice) => {
      const words = cell(String(choice['description'] ?? ''));
      return [`Where ${distinctionOf(choice)}${words === '' ? ':' : `: ${words}`}`, fieldsOf(choice)];
    })
    .join('\n\n');
}

/** What tells this shape from the others. */
const distinctionOf = ({ properties = {} }: JsonSchema): string =>
  Object.entries(properties as Readonly<Record<string, JsonSchema>>)
    .filter(([name, field]) => name === 'kind' || field['const'] !== undefined)
    .map(([name, field]) => `\`${name}\` is ${typeOf(field)}`)
    .join(' and ');

const choicesOf = (schema: JsonSchema): readonly JsonSchema[] | undefined =>
  (schema['oneOf'] ?? schema['anyOf']) as readonly JsonSchema[] | undefined;

function fieldsOf(schema: JsonSchema): string {
  const required = new Set((schema['required'] as readonly string[] | undefined) ?? []);
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const rows = Object.entries(properties).map(
    ([name, field]) =>
      `| \`${name}\` | ${typeOf(field)} | ${required.has(name) ? 'yes' : 'no'} | ${defaultOf(field)} | ${cell(String(field['description'] ?? ''))} |`,
  );
  return table(['field', 'value', 'required', 'default', 'what it is'], rows);
}

const defaultOf = (field: JsonSchema): string =>
  field['default'] === undefined ? '' : `\`${JSON.stringify(field['default'])}\``;

/** What a value looks like, in a few words. */
function typeOf(schema: JsonSchema): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.slice(reference.lastIndexOf('/') + 1);
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema['const'] !== undefined) return `\`${String(schema['const'])}\``;
  const options = schema['enum'];
  if (Array.isArray(options)) return options.map((option) => `\`${String(option)}\``).join(', ');
  const choices = choicesOf(schema);
  if (choices !== undefined) return choices.map(typeOf).join(' or ');
  if (schema['type'] === 'array') return `list of ${typeOf((schema['items'] ?? {}) as JsonSchema)}`;
  if (schema['type'] === 'object') return objectInWords(schema);
  return typeof schema['type'] === 'string' ? `${schema['type']}${rangeOf(schema)}` : 'any';
}

function objectInWords({ properties }: JsonSchema): string {
  if (typeof properties !== 'object' || properties === null) return 'object';
  const fields = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(
    ([name, field]) => `\`${name}\`: ${typeOf(field)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  return minimum === undefined ? '' : ` from ${minimum}`;
}

const scopesOf = ({ securitySchemes }: OpenApiDocument['components']): string => {
  const oauth2 = securitySchemes['oauth2'] as {
    readonly flows: { readonly clientCredentials: { readonly scopes: Readonly<Record<string, string>> } };
  };
  return Object.entries(oauth2.flows.clientCredentials.scopes)
    .map(([scope, words]) => `\`${scope}\` ${words.charAt(0).toLowerCase()}${words.slice(1)}`)
    .join('; ');
};

const table = (head: readonly string[], rows: readonly string[]): string =>
  [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows].join('\n');

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
