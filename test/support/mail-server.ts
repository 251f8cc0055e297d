import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** How the server answers mail to one address; silent: never. */
export type MailAnswer = '250' | '451 4.7.1 try again later' | '550 5.1.1 no such user' | '552 5.2.2 full' | 'silent';

/** A real SMTP server that takes mail, refuses it, or hangs. */
export interface MailServer {
  /** `smtp://127.0.0.1:<port>`; the port stays the same while it is down. */
  readonly url: string;
  readonly mails: Email[];
  /** To this address, from now on. */
  answer(address: string, answer: MailAnswer): void;
  to(address: string): Email[];
  /** Refuses connections until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: Email[] = [];
  const answers = new Map<string, MailAnswer>();
  let server = makeServer(mails, answers);
  const port = await listen(server, 0);
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    answer: (address, answer) => answers.set(address, answer),
    to: (address) => mails.filter(({ to }) => to?.some((one) => one.address === address)),
    down: () => close(server),
    up: async () => {
      server = makeServer(mails, answers);
      await listen(server, port);
    },
    close: () => close(server),
  };
}

function makeServer(mails: Email[], answers: ReadonlyMap<string, MailAnswer>): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 50,
    onRcptTo: ({ address }, _session, done) => {
      const answer = answers.get(address) ?? '250';
      if (answer === 'silent') return;
      if (answer === '250') done();
      else done(Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) }));
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        void PostalMime.parse(Buffer.concat(chunks)).then((mail) => {
          mails.push(mail);
          done();
        }, done);
      });
    },
  });
}

function listen(server: SMTPServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    // A client that goes away in the middle is part of the test.
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve((server.server.address() as AddressInfo).port);
    });
  });
}

function close(server: SMTPServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
