import type { FailureClass } from '../../../shared/retry-policy';

/** What nodemailer tells of a mail that a server did not take. */
export interface SmtpFailure {
  /** nodemailer's own: ECONNECTION, EENVELOPE, EMESSAGE, EAUTH, ... */
  readonly code?: string | undefined;
  /** The SMTP command that was answered. */
  readonly command?: string | undefined;
  /** RFC 5321, section 4.2. */
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
}

export interface SmtpVerdict {
  readonly class: FailureClass;
  readonly code: string;
  readonly bounced: boolean;
}

/** RFC 3463: class 5, subject 1: the address; 5.2.1: the mailbox is disabled. A full one (5.2.2) may have room tomorrow. */
const DEAD_ADDRESS = /^5\.(1\.[0-36]|1\.10|2\.1)$/;
const ENHANCED = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/;

/** Pure: whether an enhanced status code (RFC 3463) says that an address will never take mail. */
export function isDeadAddress(status: string): boolean {
  return DEAD_ADDRESS.test(status);
}

/**
 * Pure: what a refusal means for the mail and for its address. 5xx is for good, but only an answer to the recipient speaks of
 * the address; one to the sender or the log-in is about us, and somebody has to mend it.
 */
export function smtpVerdict({ code, command, responseCode, response }: SmtpFailure): SmtpVerdict {
  if (responseCode === undefined) {
    // Refused by nodemailer itself before anything was sent.
    const bounced = code === 'EENVELOPE' && command === 'API';
    return { class: bounced ? 'permanent' : 'transient', code: code ?? 'UNKNOWN', bounced };
  }
  const enhanced = ENHANCED.exec(response ?? '')?.[1];
  const name = `SMTP_${responseCode}${enhanced === undefined ? '' : `_${enhanced.replaceAll('.', '_')}`}`;
  if (responseCode < 500) return { class: 'transient', code: name, bounced: false };
  if (command === 'RCPT TO') {
    const bounced = enhanced === undefined ? [550, 551, 553].includes(responseCode) : DEAD_ADDRESS.test(enhanced);
    return { class: 'permanent', code: name, bounced };
  }
  if (command === 'DATA' || code === 'EMESSAGE') {
    return { class: 'permanent', code: name, bounced: enhanced !== undefined && DEAD_ADDRESS.test(enhanced) };
  }
  return { class: 'transient', code: name, bounced: false };
}
