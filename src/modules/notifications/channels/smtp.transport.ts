import { type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { smtpVerdict, type SmtpFailure } from '../domain/smtp-outcome';
import { MailTransport, type MailOutcome, type OutgoingMail } from './mail.port';

export interface SmtpOptions {
  /** `smtp://` or `smtps://`; its parameters go before ours. */
  readonly url: string;
  readonly from: string;
  /** Refuses to send where the server offers no encryption. */
  readonly requireTls: boolean;
}

/** As many as are sent at once, see `NotificationDelivery`: none waits for a connection. */
const CONNECTIONS = 5;
const CONNECT_MS = 10_000;
const SILENCE_MS = 15_000;
/** All of one mail; below half of its lease. */
const AT_MOST_MS = 30_000;

/** RFC 3834: no answering machine answers. RFC 2369 and 8058: where a mail program's own button leads. */
function howToLeave({ unsubscribe }: OutgoingMail): Pick<SendMailOptions, 'headers' | 'list'> {
  const headers = {
    'Auto-Submitted': 'auto-generated',
    ...(unsubscribe?.oneClick && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
  };
  return unsubscribe ? { headers, list: { unsubscribe: unsubscribe.url } } : { headers };
}

/** Mail by SMTP, over connections that are kept. */
export class SmtpTransport extends MailTransport implements OnApplicationShutdown {
  private readonly transporter: Transporter;
  private readonly domain: string;

  constructor(private readonly options: SmtpOptions) {
    super();
    this.transporter = createTransport({
      url: options.url,
      pool: true,
      maxConnections: CONNECTIONS,
      // Ours is the only retry engine.
      maxRequeues: 0,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      dnsTimeout: CONNECT_MS,
      requireTLS: options.requireTls,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.domain = /@([^\s<>]+?)>?$/.exec(options.from)?.[1] ?? 'localhost';
  }

  async send(mail: OutgoingMail): Promise<MailOutcome> {
    const { from } = this.options;
    try {
      await this.transporter.sendMail({
        from,
        // An object, so that nothing in it is read as a list of addresses.
        to: { name: '', address: mail.to },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: `<${mail.notificationId}@${this.domain}>`,
        ...howToLeave(mail),
        signal: AbortSignal.timeout(AT_MOST_MS),
      });
      return { kind: 'sent' };
    } catch (error) {
      return { kind: 'failed', ...smtpVerdict(error as SmtpFailure) };
    }
  }

  onApplicationShutdown(): void {
    this.transporter.close();
  }
}
