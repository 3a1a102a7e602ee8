import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Mail } from '../domain/mail.ts';

export interface MailSettings {
  /** `smtp://` or `smtps://`, with name and password; absent: mails become files. */
  readonly url: string | undefined;
  readonly from: string;
  readonly folder: string;
}

export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Nothing that a mail says makes the transport read a file or call an address. */
const toMessage = (mail: Mail) => ({
  ...mail,
  headers: { 'auto-submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** Sends by SMTP, or writes `.eml` files that only their owner may read, one a mail: the same mail is the same file. */
export function createMailer({ url, from, folder }: MailSettings): Mailer {
  if (url !== undefined) {
    const transport = createTransport(url, { from });
    return {
      send: async (mail) => void (await transport.sendMail(toMessage(mail))),
      close: () => transport.close(),
    };
  }
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' }, { from });
  return {
    async send(mail) {
      const { message } = await transport.sendMail(toMessage(mail));
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = join(folder, `${mail.messageId.replace(/[^\w-]/g, '')}.eml`);
      await writeFile(`${name}.part`, message as Buffer, { mode: 0o600 });
      await rename(`${name}.part`, name);
    },
    close: () => transport.close(),
  };
}
