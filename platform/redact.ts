const REDACTED = '[redacted]';
const DEEPEST = 8;
const LONGEST_TEXT = 16_384;

/** Anything whose name contains one of these, however it is written: `accessToken`, `X-Api-Key`, `set_cookie`. */
const TELLING =
  /authorization|password|passphrase|passwd|secret|token|cookie|apikey|privatekey|privatejwk|credential|assertion|sealed/;

/** Names that are exactly one of these: a person's attributes, and whatever carries them. */
const PERSONAL = new Set([
  ...['username', 'name', 'displayname', 'nickname', 'givenname', 'familyname', 'middlename', 'formatted'],
  ...['externalid', 'email', 'emails', 'phonenumber', 'phonenumbers', 'ims', 'photos', 'addresses', 'x509certificates'],
  ...['body', 'requestbody', 'responsebody', 'content', 'profile', 'claims', 'attributes', 'members'],
]);

/**
 * A copy that can be logged: values under names that tell of secrets or persons are gone at any depth, and so is what
 * looks like one inside any text. Errors keep their name, code, message, stack, facts and cause.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[deep]'; // cycles end here too
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, isTelling(name, item) ? REDACTED : redact(item, depth + 1)]),
  );
}

/**
 * Credentials in headers and URLs, tokens, e-mail addresses, and the value that MongoDB repeats of a taken key. Every
 * pattern is bounded, so that no text takes long.
 */
export function redactText(text: string): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return short
    .replace(/\b(Basic|Bearer|DPoP)\s{1,4}[\w+/=.~-]{6,}/gi, `$1 ${REDACTED}`)
    .replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/@]{1,512}@/gi, `$1${REDACTED}@`)
    .replace(/\bdup key: \{[^\n]*/g, `dup key: ${REDACTED}`)
    .replace(/\beyJ[\w-]{8,4096}\.[\w-]{1,16384}\.[\w-]{0,1024}/g, REDACTED)
    .replace(/[\w.!#$%&'*+=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/g, REDACTED);
}

function isTelling(name: string, value: unknown): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return false;
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return PERSONAL.has(plain) || TELLING.test(plain);
}

function redactError(error: Error, depth: number): unknown {
  const { code, facts, cause } = error as { code?: unknown; facts?: unknown; cause?: unknown };
  return {
    type: error.name,
    ...(code === undefined ? {} : { code: redact(code, depth + 1) }),
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(facts === undefined ? {} : { facts: redact(facts, depth + 1) }),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
  };
}
