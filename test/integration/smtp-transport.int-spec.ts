import { SmtpTransport } from '../../src/modules/notifications/channels/smtp.transport';
import { startMailServer, type MailServer } from '../support/mail-server';

const TO = 'ada@test.example';
const MAIL = {
  ...{ notificationId: 'ntf_1', customerId: 'cust_1', to: TO, unsubscribe: null },
  ...{ subject: 'A subject', text: 'A text', html: '<p>A text</p>' },
};

describe('mail by SMTP', () => {
  let server: MailServer;
  const transport = (parameters = ''): SmtpTransport =>
    new SmtpTransport({
      url: `${server.url}${parameters}`,
      from: 'Kassa <billing@kassa.test.example>',
      requireTls: false,
    });

  beforeAll(async () => {
    server = await startMailServer();
  });
  afterAll(() => server.close());

  it('is not out where the server falls silent, and is the next time', async () => {
    server.answer(TO, 'silent');
    const impatient = transport('?socketTimeout=100');
    const code = expect.stringMatching(/^E(TIMEDOUT|CONNECTION)$/) as string;
    expect(await impatient.send(MAIL)).toEqual({ kind: 'failed', class: 'transient', code, bounced: false });
    impatient.onApplicationShutdown();

    server.answer(TO, '250');
    const patient = transport();
    expect(await patient.send(MAIL)).toEqual({ kind: 'sent' });
    patient.onApplicationShutdown();
    expect(server.to(TO).map(({ messageId }) => messageId)).toEqual(['<ntf_1@kassa.test.example>']);
  });

  it('is not out where nobody listens', async () => {
    await server.down();
    const one = transport();
    expect(await one.send(MAIL)).toMatchObject({ kind: 'failed', class: 'transient', code: 'ESOCKET' });
    one.onApplicationShutdown();
    await server.up();
  });
});
