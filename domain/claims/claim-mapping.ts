/** Claims of one dialect share this beginning; the rest of the URI names the claim. */
export const WSO2_DIALECT = 'http://wso2.org/claims';

/** Between the values of one claim: WSO2's `MultiAttributeSeparator`. */
export const CLAIM_SEPARATOR = ',';

/** One row of the table that says which SCIM attribute of a user a claim is (WSO2's claim management). */
export interface ClaimMapping {
  /** The claim's URI, e.g. `http://wso2.org/claims/givenname`. */
  readonly claim: string;
  /**
   * A SCIM path that ends in a simple attribute: `name.givenName`, `emails[type eq "work"].value`,
   * `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
   */
  readonly attribute: string;
  /** For people; WSO2's clients show it as the claim's `displayTag`. */
  readonly displayName: string;
  readonly description?: string;
  readonly displayOrder?: number;
  /** All values that the path selects, with commas between. Otherwise the primary one, else the first. */
  readonly multiValued?: boolean;
  /** A boolean turned round: `accountDisabled` is not `active`. */
  readonly negated?: boolean;
  /** Can be read and not written, whatever the attribute's schema says. */
  readonly readOnly?: boolean;
  /** What follows is only shown: WSO2 does not check it at its web service either. */
  readonly required?: boolean;
  readonly supportedByDefault?: boolean;
  readonly pattern?: string;
}

/** The part of a claim's URI before its name: `http://wso2.org/claims` of `http://wso2.org/claims/identity/…` too. */
export const dialectOf = (claim: string): string =>
  claim === WSO2_DIALECT || claim.startsWith(`${WSO2_DIALECT}/`)
    ? WSO2_DIALECT
    : claim.slice(0, Math.max(claim.lastIndexOf('/'), claim.lastIndexOf(':'), 0));
