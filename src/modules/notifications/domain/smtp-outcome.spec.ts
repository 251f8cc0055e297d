import { smtpVerdict, type SmtpFailure } from './smtp-outcome';

const rcpt = (responseCode: number, response: string): SmtpFailure => ({
  ...{ code: 'EENVELOPE', command: 'RCPT TO', responseCode, response },
});

describe('a mail that was not taken', () => {
  it.each<[string, SmtpFailure, string, string, boolean]>([
    ['no such user', rcpt(550, '550 5.1.1 no such user'), 'permanent', 'SMTP_550_5_1_1', true],
    ['no such user, in few words', rcpt(550, '550 no'), 'permanent', 'SMTP_550', true],
    ['no such domain', rcpt(550, '550 5.1.2 bad domain'), 'permanent', 'SMTP_550_5_1_2', true],
    ['a mailbox that is off', rcpt(550, '550 5.2.1 disabled'), 'permanent', 'SMTP_550_5_2_1', true],
    ['a mailbox that is full', rcpt(552, '552 5.2.2 over quota'), 'permanent', 'SMTP_552_5_2_2', false],
    ['a policy', rcpt(550, '550-5.7.1 blocked'), 'permanent', 'SMTP_550_5_7_1', false],
    ['greylisting', rcpt(451, '451 4.7.1 try again later'), 'transient', 'SMTP_451_4_7_1', false],
    [
      'a sender that is not allowed',
      { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 553, response: '553 5.1.8 bad sender' },
      'transient',
      'SMTP_553_5_1_8',
      false,
    ],
    [
      'a wrong password',
      { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535, response: '535 5.7.8 no' },
      'transient',
      'SMTP_535_5_7_8',
      false,
    ],
    [
      'words it does not like',
      { code: 'EMESSAGE', command: 'DATA', responseCode: 554, response: '554 5.7.1 spam' },
      'permanent',
      'SMTP_554_5_7_1',
      false,
    ],
    ['silence', { code: 'ETIMEDOUT', command: 'CONN' }, 'transient', 'ETIMEDOUT', false],
    ['nobody there', { code: 'ESOCKET', command: 'CONN' }, 'transient', 'ESOCKET', false],
    ['no address at all', { code: 'EENVELOPE', command: 'API' }, 'permanent', 'EENVELOPE', true],
    ['nothing that is known', {}, 'transient', 'UNKNOWN', false],
  ])('because of %s', (_title, failure, failureClass, code, bounced) => {
    expect(smtpVerdict(failure)).toEqual({ class: failureClass, code, bounced });
  });
});
