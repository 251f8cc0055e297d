import type { UnitOfWork } from '../../../platform/database';
import type { MailOutboxRepository } from './mail-outbox.repository';
import { MailTransport, type MailOutcome, type OutgoingMail } from './mail.port';

/** Without SMTP nothing is dropped: mail lies where operators see it. */
export class OutboxTransport extends MailTransport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: MailOutboxRepository,
  ) {
    super();
  }

  async send(mail: OutgoingMail): Promise<MailOutcome> {
    await this.unitOfWork.service((tx) => this.outbox.add(tx, mail));
    return { kind: 'sent' };
  }
}
