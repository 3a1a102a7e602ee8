/** A failure of the token endpoint in OAuth's own form (RFC 6749 §5.2). */
export class OAuthError extends Error {
  readonly code: 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope';
  readonly status: number;

  constructor(code: OAuthError['code'], description: string) {
    super(description);
    this.name = 'OAuthError';
    this.code = code;
    this.status = code === 'invalid_client' ? 401 : 400;
  }
}
