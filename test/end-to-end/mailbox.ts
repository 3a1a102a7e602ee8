import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly to: readonly string[];
  /** Headers and body, transfer encodings undone. */
  readonly text: string;
}

/** A mail server that takes what it is sent, once it is told to. */
export async function startMailbox() {
  const received: ReceivedMail[] = [];
  let isAway = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onMailFrom: (_address, _session, done) => done(isAway ? new Error('come back later') : null),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ to, text: decoded(Buffer.concat(chunks).toString('utf8')) });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    to: (address: string): ReceivedMail[] => received.filter(({ to }) => to.includes(address)),
    setAway(away: boolean): void {
      isAway = away;
    },
    stop: () => new Promise<void>((stopped) => server.close(() => stopped())),
  };
}

/** Undoes quoted-printable, which is all that such mails need. */
export const decoded = (raw: string): string =>
  raw
    .replace(/=\r?\n/g, '')
    .replace(/(?:=[0-9A-F]{2})+/g, (run) => Buffer.from(run.replaceAll('=', ''), 'hex').toString());

/** The link in a mail. */
export const linkIn = ({ text }: Pick<ReceivedMail, 'text'>): string =>
  /https?:\/\/\S+\/approvals\/decide\?token=[\w.-]+/.exec(text)?.[0] ?? '';
