import { Injectable } from '@nestjs/common';
import { Alerts } from '../../../platform/alerts';
import type { Tx } from '../../../platform/database';
import { isDeadAddress } from '../domain/smtp-outcome';
import { isMandatory } from '../domain/topics';
import { messageOf } from '../messages';
import { notificationNotFound } from '../notifications.errors';
import { NotificationsRepository } from './notifications.repository';

/** What a mail server says after it has taken a mail. */
export interface LateBounce {
  readonly notificationId: string;
  readonly address: string;
  /** RFC 3463, e.g. `5.1.1`. */
  readonly status: string;
}

/** Mail that was taken and came back: told by whoever reads the bounces of this installation's mail server. */
@Injectable()
export class LateBounces {
  constructor(
    private readonly notifications: NotificationsRepository,
    private readonly alerts: Alerts,
  ) {}

  /** Twice is once. @returns whether the address gets no more mail: not for a full mailbox, nor where it is not his any more. */
  async take(tx: Tx, { notificationId, address, status }: LateBounce): Promise<boolean> {
    const mail = await this.notifications.mailTo(tx, notificationId, address);
    if (!mail) throw notificationNotFound(notificationId);
    if (mail.address === null || !isDeadAddress(status)) return false;
    const { customerId, template } = mail;
    const code = `DSN_${status.replaceAll('.', '_')}`;
    await this.notifications.bounced(tx, customerId, mail.address, code);
    const topic = messageOf(template)?.template.topic;
    if (topic && isMandatory(topic, 'email')) {
      await this.alerts.raise(tx, {
        kind: 'notification.undeliverable',
        severity: 'warning',
        causeKey: `notification.undeliverable:${customerId}`,
        message: `A message that must be told came back: ${template} by email (${code})`,
        details: { notificationId, customerId, template, channel: 'email', code },
      });
    }
    return true;
  }
}
