/** One person's mailbox. The name is shown; mail is sent to the address, and to no other. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** Whether a text is one address, and neither a list nor a name with an address. */
export const isOneAddress = (text: string): boolean =>
  text.length <= 320 && /^[^\s@<>()[\]\\,;:"]{1,64}@[^\s@<>()[\]\\,;:"]{1,255}$/.test(text);

/** A mail as it is handed to a transport. */
export interface Mail {
  readonly to: Mailbox;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Unique; the same mail sent twice has the same one. */
  readonly messageId: string;
}
