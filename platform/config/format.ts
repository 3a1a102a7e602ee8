import { z } from 'zod';
import { createEncryptionKey, type EncryptionKey } from '../key-ring.ts';
import { type AllowedNetwork, isTenantName, parseAllowedNetwork, parseNetwork } from '../network.ts';

/** How a value is written in the environment: in words for people, as a schema for the program. */
export interface Format<T> {
  /** Completes the sentence "must be …". Never repeats the value. */
  readonly words: string;
  readonly schema: z.ZodType<T, string>;
}

/** @param parse returns undefined where the text isn't of this format */
function format<T>(words: string, parse: (text: string) => T | undefined): Format<T> {
  const schema = z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${words}` });
    return z.NEVER;
  });
  return { words, schema };
}

export const integer = (least: number, most: number): Format<number> =>
  format(`an integer from ${least} to ${most}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  });

export const port = integer(0, 65_535);

/** Seconds in the environment, milliseconds in the program. */
export const seconds = (least: number, most: number): Format<number> => {
  const { words, schema } = integer(least, most);
  return { words, schema: schema.transform((value) => value * 1000) };
};

/** Days in the environment, milliseconds in the program. */
export const days = (least: number, most: number): Format<number> => {
  const { words, schema } = integer(least, most);
  return { words, schema: schema.transform((value) => value * 86_400_000) };
};

export const flag = format('`on` or `off`', (text) => (text === 'on' ? true : text === 'off' ? false : undefined));

export const oneOf = <const Choice extends string>(...choices: readonly Choice[]): Format<Choice> =>
  format(`one of ${choices.map((choice) => `\`${choice}\``).join(', ')}`, (text) =>
    choices.find((choice) => choice === text),
  );

export const words = (description: string): Format<string> => format(description, (text) => text || undefined);

export const slug = format('a slug: 1 to 63 characters of a–z, 0–9 and `-`', (text) =>
  isTenantName(text) ? text : undefined,
);

export const hostAndPort = format('`host:port`', (text) =>
  /^(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(text) ? text : undefined,
);

/** Without the slash at its end, so that a path can be appended. */
export const httpUrl = format('an `http` or `https` URL without query and fragment', (text) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) return undefined;
  return url.href.replace(/\/+$/, '');
});

export const smtpUrl = format('a URL that begins with `smtp://` or `smtps://`', (text) =>
  /^smtps?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined,
);

export const mongoUri = format('a URI that begins with `mongodb://` or `mongodb+srv://`', (text) =>
  /^mongodb(\+srv)?:\/\/./.test(text) ? text : undefined,
);

export const origins = format('a comma-separated list of origins (`scheme://host[:port]`)', (text) =>
  listOf(text, (part) => (URL.parse(part)?.origin === part ? part : undefined)),
);

export type AllowedNetworks = 'any' | readonly AllowedNetwork[];

export const networks: Format<AllowedNetworks> = format(
  'a comma-separated list of CIDR blocks, each as `[tenant@]block[:port]`, or `*` for every address',
  (text): AllowedNetworks | undefined => (text === '*' ? 'any' : listOf(text, parseAllowedNetwork)),
);

/** What express calls `trust proxy`, without the value that trusts everybody. */
export type TrustedProxies = false | number | readonly string[];

export const trustedProxies: Format<TrustedProxies> = format(
  '`off`, the number of proxies in front, or a comma-separated list of their CIDR blocks',
  (text): TrustedProxies | undefined => {
    if (text === 'off') return false;
    if (/^[1-9]$/.test(text)) return Number(text);
    return listOf(text, (part) => (parseNetwork(part) === undefined ? undefined : part));
  },
);

const trustedIssuer = z.strictObject({
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksUri: z.url({ protocol: /^https?$/ }),
  tenants: z.array(z.string().refine(isTenantName)).min(1).max(100),
  tenantClaim: z.string().min(1).optional(),
  tokenType: z.enum(['at+jwt', 'jwt']).default('at+jwt'),
  clientIdClaim: z.string().min(1).default('client_id'),
  userClaim: z.string().min(1).default('sub'),
});

export const trustedIssuers = format(
  'a JSON array of objects, each issuer once, with `issuer`, `audience`, `jwksUri`, `tenants` and, where they differ, `clientIdClaim`, `userClaim`, `tenantClaim` and `tokenType`',
  (text) => {
    const issuers = z.array(trustedIssuer).safeParse(jsonOf(text)).data;
    const names = new Set(issuers?.map(({ issuer }) => issuer));
    return names.size === issuers?.length ? issuers : undefined;
  },
);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const encryptionKeys = format(
  'a comma-separated list of `keyId:base64`, each 32 bytes under an id of its own (A–Z, a–z, 0–9, `_`, `-`)',
  (text) => {
    const keys = listOf(text, parseKey);
    return keys && keys.length > 0 && new Set(keys.map(({ id }) => id)).size === keys.length ? keys : undefined;
  },
);

export interface NamePassword {
  readonly username: string;
  readonly password: string;
}

export const namePassword = format('`username:password`, the password of 12 characters or more', (text) => {
  const [username = '', ...rest] = text.split(':');
  const password = rest.join(':');
  return username !== '' && password.length >= 12 ? { username, password } : undefined;
});

/** @returns undefined as soon as one part isn't what it should be */
function listOf<T>(text: string, parse: (part: string) => T | undefined): readonly T[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const values = parts.filter((part) => part !== '').map(parse);
  return values.every((value) => value !== undefined) ? values : undefined;
}

function parseKey(part: string): EncryptionKey | undefined {
  const [id = '', material = '', ...rest] = part.split(':');
  if (rest.length > 0 || !/^[A-Za-z0-9+/_-]{43}=?$/.test(material)) return undefined;
  try {
    return createEncryptionKey(id, Buffer.from(material, 'base64'));
  } catch {
    return undefined; // the reason would be the same sentence
  }
}
