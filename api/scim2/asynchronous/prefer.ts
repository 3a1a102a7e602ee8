import type { Request } from 'express';

/** What a client prefers (RFC 7240): an answer at once, or within so long. */
export interface Preference {
  /** `respond-async` */
  readonly isAsynchronous: boolean;
  /** `wait`: how long the client is content to wait for the real answer, milliseconds; 0 unless it says so. */
  readonly waitMs: number;
}

/** No client holds a connection longer for the real answer. */
const LONGEST_WAIT_SECONDS = 60;

/** Reads every Prefer header; the first word of each preference counts (RFC 7240 §2), and unknown ones are ignored. */
export function preferenceOf(request: Pick<Request, 'headers'>): Preference {
  const { prefer } = request.headers;
  const words = new Map<string, string>();
  for (const preference of (Array.isArray(prefer) ? prefer.join(',') : String(prefer ?? '')).split(',')) {
    const [name = '', value = ''] = (preference.split(';', 1)[0] ?? '').split('=', 2);
    const token = name.trim().toLowerCase();
    if (token !== '' && !words.has(token)) words.set(token, value.trim().replace(/^"(.*)"$/, '$1'));
  }
  const wait = words.get('wait') ?? '';
  const seconds = /^\d{1,9}$/.test(wait) ? Math.min(Number(wait), LONGEST_WAIT_SECONDS) : 0;
  return { isAsynchronous: words.has('respond-async'), waitMs: seconds * 1_000 };
}
