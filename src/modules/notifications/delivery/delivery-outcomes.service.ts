import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { nextDelayMs } from '../../../shared/retry-policy';
import { Alerts } from '../../../platform/alerts';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Metrics } from '../../../platform/metrics';
import { Outbox } from '../../../platform/outbox';
import { jitter } from '../../../platform/queue';
import { isMandatory } from '../domain/topics';
import type { AnyMessage } from '../messages/message';
import { NOTIFICATION_EVENTS } from '../notifications.events';
import type { Spoken } from '../wordings/message-voice';
import type { DeliveryOutcome } from './delivery-outcome';
import { NotificationsRepository, type ClaimedNotification } from './notifications.repository';
import { PushesRepository } from './pushes.repository';

/** Writes down what came of a try, all of it in one commit. */
@Injectable()
export class DeliveryOutcomes {
  private readonly count: (channel: string, outcome: string) => void;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: NotificationsRepository,
    private readonly pushes: PushesRepository,
    private readonly outbox: Outbox,
    private readonly alerts: Alerts,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    const counter = metrics.counter({
      name: 'kassa_notifications_total',
      help: 'Tries to tell customers, by channel and what came of them',
      labelNames: ['channel', 'outcome'],
    });
    this.count = (channel, outcome) => {
      counter.inc({ channel, outcome });
    };
  }

  async record(
    owner: string,
    notification: ClaimedNotification,
    message: AnyMessage | undefined,
    outcome: DeliveryOutcome,
  ): Promise<void> {
    await this.unitOfWork.service((tx) => this.write(tx, owner, notification, message, outcome));
    this.count(notification.channel, outcome.kind);
    if (outcome.kind === 'sent' && outcome.words) this.outbox.wake();
  }

  /** An operator's words that cannot be said: the built-in ones were, and somebody has to know. */
  async wordsBroken(
    template: string,
    { version, locale, reason }: NonNullable<Spoken<unknown>['broken']>,
  ): Promise<void> {
    await this.unitOfWork.service((tx) =>
      this.alerts.raise(tx, {
        kind: 'notification.wording_broken',
        severity: 'warning',
        causeKey: `notification.wording_broken:${template}:${locale}`,
        message: `Words of your own cannot be said, so the built-in ones are: ${template} in ${locale}, version ${version}`,
        details: { template, locale, version, reason },
      }),
    );
  }

  private async write(
    tx: Tx,
    owner: string,
    notification: ClaimedNotification,
    message: AnyMessage | undefined,
    outcome: DeliveryOutcome,
  ): Promise<void> {
    const { id, customerId } = notification;
    if (outcome.kind === 'postponed') {
      await this.notifications.postponed(tx, owner, id, outcome.notBefore);
      return;
    }
    if (outcome.pushes) {
      await this.pushes.add(tx, id, outcome.pushes.results);
      await this.pushes.disable(tx, outcome.pushes.gone, 'DeviceNotRegistered');
    }
    switch (outcome.kind) {
      case 'sent':
        if (await this.notifications.sent(tx, owner, id, outcome.words ?? null)) {
          if (outcome.words) await this.tellStream(tx, notification);
        }
        break;
      case 'skipped':
        await this.notifications.skipped(tx, owner, id, outcome.code);
        break;
      case 'failed': {
        const delayMs = nextDelayMs(outcome.class, notification.attempts + 1, jitter());
        const ours = await this.notifications.failed(tx, owner, id, { ...outcome, delayMs });
        if (ours && outcome.bounced !== undefined) {
          await this.notifications.bounced(tx, customerId, outcome.bounced, outcome.code);
        }
        if (ours && delayMs === null) await this.alertOn(tx, notification, message, outcome.code);
      }
    }
  }

  /** What is new in the list is told to the apps that are open. */
  private tellStream(tx: Tx, { id, customerId, template }: ClaimedNotification): Promise<void> {
    return this.outbox.append(tx, [
      {
        type: NOTIFICATION_EVENTS.created,
        objectType: 'notification',
        objectId: id,
        customerId,
        payload: { notificationId: id, kind: template },
        occurredAt: this.clock.now(),
      },
    ]);
  }

  /** Somebody who must be told was not: one open alert for each customer, and one for a message that cannot be said at all. */
  private async alertOn(
    tx: Tx,
    { id, customerId, channel, template }: ClaimedNotification,
    message: AnyMessage | undefined,
    code: string,
  ): Promise<void> {
    const unsayable = code === 'TEMPLATE_VARIABLES' || !message;
    if (!unsayable && !isMandatory(message.template.topic, channel)) return;
    await this.alerts.raise(tx, {
      kind: 'notification.undeliverable',
      severity: unsayable ? 'critical' : 'warning',
      causeKey: `notification.undeliverable:${unsayable ? template : customerId}`,
      message: `A message that must be told was not: ${template} by ${channel} (${code})`,
      details: { notificationId: id, customerId, template, channel, code },
    });
  }
}
