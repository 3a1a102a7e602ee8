import type { Request, Response } from 'express';

/** WSO2's own name for it: its clients keep whatever cookie they are given. */
const NAME = 'JSESSIONID';

/** The token of the session that a request names. */
export function sessionTokenOf(request: Request): string | undefined {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.split('=', 2);
    if (name?.trim() === NAME && value !== undefined && /^[\w-]{43}$/.test(value.trim())) return value.trim();
  }
  return undefined;
}

/** Scripts do not read it, other sites do not send it, and it is not sent in clear where the address is https. */
export function sendSessionToken(response: Response, token: string, publicUrl: string): void {
  response.cookie(NAME, token, attributes(publicUrl));
}

export function clearSessionToken(response: Response, publicUrl: string): void {
  response.clearCookie(NAME, attributes(publicUrl));
}

const attributes = (publicUrl: string) =>
  ({ httpOnly: true, sameSite: 'strict', secure: publicUrl.startsWith('https:'), path: '/' }) as const;
