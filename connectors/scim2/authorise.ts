import type { AccessTokenDependencies } from '../http/access-token.ts';
import { createAccessTokens } from '../http/access-token.ts';
import type { Scim2Authentication } from './settings.ts';

export type AuthorisationHeaders = Readonly<Record<string, string>>;

export interface Authoriser {
  headers(signal: AbortSignal): Promise<AuthorisationHeaders>;
  /** @returns whether another attempt can have other credentials than the ones that were refused */
  refused(headers: AuthorisationHeaders): boolean;
  /** What must never be shown, should the target repeat it. */
  secretsIn(headers: AuthorisationHeaders): readonly string[];
  forget(): void;
}

/** How each request says who we are. */
export function createAuthoriser(settings: Scim2Authentication, dependencies: AccessTokenDependencies): Authoriser {
  switch (settings.kind) {
    case 'none':
      return fixed({}, []);
    case 'bearer':
      return fixed({ authorization: `Bearer ${settings.token}` }, [settings.token]);
    case 'basic': {
      const encoded = Buffer.from(`${settings.username}:${settings.password}`).toString('base64');
      return fixed({ authorization: `Basic ${encoded}` }, [encoded, settings.password, settings.username]);
    }
    case 'api-key':
      return fixed({ [settings.header.toLowerCase()]: settings.value }, [settings.value]);
    case 'oauth-client-credentials': {
      const tokens = createAccessTokens(settings, dependencies);
      const tokenIn = (headers: AuthorisationHeaders): string =>
        (headers['authorization'] ?? '').slice('Bearer '.length);
      return {
        headers: async (signal) => ({ authorization: `Bearer ${await tokens.current(signal)}` }),
        refused: (headers) => {
          tokens.refuse(tokenIn(headers));
          return true;
        },
        secretsIn: (headers) => [tokenIn(headers), settings.clientSecret],
        forget: () => tokens.forget(),
      };
    }
  }
}

const fixed = (headers: AuthorisationHeaders, secrets: readonly string[]): Authoriser => ({
  headers: async () => headers,
  refused: () => false,
  secretsIn: () => secrets,
  forget: () => undefined,
});
