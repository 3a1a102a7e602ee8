import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

export interface MailSettings {
  /** `smtp://` or `smtps://`, with name and password; absent: mails become files. */
  readonly url: string | undefined;
  readonly from: string;
  readonly folder: string;
}

export interface OutgoingMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}

export interface Mailer {
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

/** Sends by SMTP, or writes `.eml` files that only their owner may read, one a mail: the same mail is the same file. */
export function createMailer({ url, from, folder }: MailSettings): Mailer {
  const headers = { 'auto-submitted': 'auto-generated' };
  if (url !== undefined) {
    const transport = createTransport(url, { from });
    return {
      send: async (mail) =>
        void (await transport.sendMail({ ...mail, headers, disableFileAccess: true, disableUrlAccess: true })),
      close: () => transport.close(),
    };
  }
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' }, { from });
  return {
    async send(mail) {
      const { message } = await transport.sendMail({
        ...mail,
        headers,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const name = join(folder, `${mail.messageId.replace(/[^\w-]/g, '')}.eml`);
      await writeFile(`${name}.part`, message as Buffer, { mode: 0o600 });
      await chmod(`${name}.part`, 0o600);
      await rename(`${name}.part`, name);
    },
    close: () => transport.close(),
  };
}
