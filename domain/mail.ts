/** A mail as it is handed to a transport. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Unique; the same mail sent twice has the same one. */
  readonly messageId: string;
}
