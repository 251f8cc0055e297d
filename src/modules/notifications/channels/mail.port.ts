import type { FailureClass } from '../../../shared/retry-policy';

export interface OutgoingMail {
  /** Ours; the `Message-ID` is made from it, so that a mail sent twice is known for one. */
  readonly notificationId: string;
  readonly customerId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Where such mail is turned off; null where nobody can. One click: a POST does it, without logging in (RFC 8058). */
  readonly unsubscribe: { readonly url: string; readonly oneClick: boolean } | null;
}

export type MailOutcome =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      /** `SMTP_550_5_1_1`, `ETIMEDOUT`; never the server's words. */
      readonly code: string;
      /** It is the address that is refused, and will be again. */
      readonly bounced: boolean;
    };

/** Hands one mail over. What is not sent says why; nothing is thrown for what a server does. */
export abstract class MailTransport {
  abstract send(mail: OutgoingMail): Promise<MailOutcome>;
}
