import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../../shared/app-error';
import { Clock } from '../../../shared/clock';
import { AppConfig } from '../../../platform/config';
import { failureClassOfError, UnitOfWork, type Tx } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { PaymentLinks } from '../../billing';
import { MailTransport } from '../channels/mail.port';
import { PushTransport } from '../channels/push.port';
import { localeChain, tongueOf } from '../domain/locale';
import { quietUntil } from '../domain/quiet-hours';
import type { Recipient } from '../domain/recipient';
import {
  renderMail,
  renderShort,
  VariablesError,
  type OwnWords,
  type Reader,
  type ShortMessage,
} from '../domain/render';
import type { AnyTemplate } from '../domain/template';
import { channelsFor } from '../domain/topics';
import type { Values } from '../domain/variables';
import { letterhead } from '../letterhead';
import { messageOf } from '../messages';
import type { AnyMessage } from '../messages/message';
import { RecipientsRepository } from '../recipients.repository';
import { SubjectsRepository } from '../subjects.repository';
import { UnsubscribeLinks } from '../unsubscribe/unsubscribe-links.service';
import { MessageVoice } from '../wordings/message-voice';
import { WordingsRepository, type CurrentWording } from '../wordings/wordings.repository';
import { DeliveryOutcomes } from './delivery-outcomes.service';
import { pushOutcome, type DeliveryOutcome } from './delivery-outcome';
import { NotificationsRepository, type ClaimedNotification } from './notifications.repository';
import { PushesRepository } from './pushes.repository';

/** At once; each is done within half a lease. */
const BATCH = 5;
const SWEEP_MS = 5_000;

/** A message with what it says, to whom. */
interface Prepared {
  template: AnyTemplate;
  values: Values;
  recipient: Recipient;
  reader: Reader;
  /** An operator's words, where there are some. */
  current: CurrentWording | null;
  payUrl: string | null;
  /** Devices that have it already. */
  told: ReadonlySet<string>;
}

/**
 * Sends what has to be told. Everything a message says is read at this moment, its link to pay from the provider, so that
 * what has waited is never out of date, and what is no longer true is not told at all.
 */
@Injectable()
export class NotificationDelivery implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(NotificationDelivery.name);
  private readonly owner = `notifier-${randomUUID()}`;
  private stopping = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: NotificationsRepository,
    private readonly pushes: PushesRepository,
    private readonly recipients: RecipientsRepository,
    private readonly subjects: SubjectsRepository,
    private readonly outcomes: DeliveryOutcomes,
    private readonly wordings: WordingsRepository,
    private readonly voice: MessageVoice,
    private readonly links: PaymentLinks,
    private readonly unsubscribeLinks: UnsubscribeLinks,
    private readonly mail: MailTransport,
    private readonly push: PushTransport,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'notifications', everyMs: SWEEP_MS, run: () => this.drain() });
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** Works until nothing is due, or until this process stops. @returns how many tries were made. */
  async drain(): Promise<number> {
    let tried = 0;
    for (;;) {
      const batch = await this.unitOfWork.service((tx) => this.notifications.claim(tx, this.owner, BATCH));
      await Promise.all(batch.map((notification) => this.deliver(notification)));
      tried += batch.length;
      if (batch.length < BATCH || this.stopping) return tried;
    }
  }

  private async deliver(notification: ClaimedNotification): Promise<void> {
    const message = messageOf(notification.template);
    const outcome = await this.attempt(notification, message).catch((error: unknown) => failureOf(error));
    if (outcome.kind === 'failed') {
      this.logger.warn(`${notification.channel} message ${notification.id} was not sent: ${outcome.code}`);
    }
    await this.outcomes.record(this.owner, notification, message, outcome);
  }

  private async attempt(notification: ClaimedNotification, message: AnyMessage | undefined): Promise<DeliveryOutcome> {
    // Written down by another release; the next one may know it.
    if (!message) return { kind: 'failed', class: 'unknown', code: 'UNKNOWN_TEMPLATE' };
    const payUrl = await this.payUrlOf(notification, message);
    if (payUrl === undefined) return { kind: 'skipped', code: 'SETTLED' };
    const prepared = await this.unitOfWork.service((tx) => this.prepare(tx, notification, message, payUrl));
    if ('kind' in prepared) return prepared;
    switch (notification.channel) {
      case 'email':
        return this.sendMail(notification, prepared);
      case 'push':
        return this.sendPush(notification, prepared);
      case 'in_app':
        return { kind: 'sent', words: await this.sayShort(prepared, 'inApp') };
    }
  }

  /** Undefined where there is nothing left to pay. */
  private async payUrlOf(
    { invoiceId }: ClaimedNotification,
    { asksForPayment }: AnyMessage,
  ): Promise<string | null | undefined> {
    if (!asksForPayment || invoiceId === null) return null;
    const page = await this.links.fresh(invoiceId);
    return page?.open ? page.url : undefined;
  }

  private async prepare(
    tx: Tx,
    { id, customerId, channel, figures, invoiceId }: ClaimedNotification,
    { template, values: valuesOf }: AnyMessage,
    payUrl: string | null,
  ): Promise<Prepared | DeliveryOutcome> {
    const now = this.clock.now();
    const recipient = await this.recipients.byCustomer(tx, customerId);
    if (!recipient || recipient.isErased) return { kind: 'skipped', code: 'ERASED' };
    if (!channelsFor(template.topic, recipient.preferences).includes(channel)) {
      return { kind: 'skipped', code: 'TURNED_OFF' };
    }
    const timeZone = recipient.timeZone ?? 'UTC';
    if (channel === 'push' && !template.urgent) {
      const notBefore = quietEnd(recipient, now, timeZone);
      if (notBefore) return { kind: 'postponed', notBefore };
    }
    const appUrl = this.config.messages.appUrl ?? null;
    const values = await valuesOf({ figures, invoiceId, now, payUrl, appUrl }, this.subjects.look(tx));
    if (!values) return { kind: 'skipped', code: 'OUT_OF_DATE' };
    const current = await this.wordings.current(tx, template.key, localeChain(recipient.locale));
    const told = channel === 'push' ? await this.pushes.told(tx, id) : new Set<string>();
    return { template, values, recipient, reader: { ...tongueOf(recipient.locale), timeZone }, current, payUrl, told };
  }

  /** In an operator's words where they can be said. */
  private async say<T>({ template, current, recipient }: Prepared, render: (own: OwnWords | null) => T): Promise<T> {
    const { said, broken } = this.voice.speak(template, current, recipient.locale, render);
    if (broken) await this.outcomes.wordsBroken(template.key, broken);
    return said;
  }

  private sayShort(prepared: Prepared, channel: 'push' | 'inApp'): Promise<ShortMessage> {
    const { template, values, reader } = prepared;
    return this.say(prepared, (words) => renderShort(template, values, reader, words && { words, channel }));
  }

  private async sendMail({ id, customerId }: ClaimedNotification, prepared: Prepared): Promise<DeliveryOutcome> {
    const { template, values, reader, recipient } = prepared;
    const { email: to, bouncedAddress } = recipient;
    if (to === null) return { kind: 'skipped', code: 'NO_ADDRESS' };
    if (to === bouncedAddress) return { kind: 'skipped', code: 'ADDRESS_BOUNCED' };
    const unsubscribe = this.unsubscribeLinks.of(customerId, template.topic, reader.language);
    const head = letterhead(reader.language, this.config.messages.appUrl, unsubscribe);
    const said = await this.say(prepared, (own) => renderMail(template, values, reader, head, own));
    const outcome = await this.mail.send({ ...said, notificationId: id, customerId, to, unsubscribe });
    if (outcome.kind === 'sent') return { kind: 'sent' };
    return { kind: 'failed', class: outcome.class, code: outcome.code, ...(outcome.bounced && { bounced: to }) };
  }

  private async sendPush({ id, invoiceId }: ClaimedNotification, prepared: Prepared): Promise<DeliveryOutcome> {
    const { template, recipient, payUrl, told } = prepared;
    const devices = recipient.devices.filter((device) => !told.has(device.id));
    if (!this.push.isOn || devices.length === 0) {
      return told.size > 0 ? { kind: 'sent' } : { kind: 'skipped', code: 'NO_DEVICE' };
    }
    const data = {
      ...{ notificationId: id, kind: template.key },
      ...(invoiceId !== null && { invoiceId }),
      ...(payUrl !== null && { url: payUrl }),
    };
    const tickets = await this.push.send(devices, { ...(await this.sayShort(prepared, 'push')), data });
    return pushOutcome(tickets, told.size > 0);
  }
}

function quietEnd({ quietFrom: from, quietTo: to }: Recipient, now: Date, timeZone: string): Date | null {
  return from !== null && to !== null ? quietUntil(now, { from, to }, timeZone) : null;
}

/** What a person or a release must mend is not tried again by itself. */
function failureOf(error: unknown): DeliveryOutcome {
  if (error instanceof VariablesError) return { kind: 'failed', class: 'permanent', code: 'TEMPLATE_VARIABLES' };
  const code = isAppError(error) ? error.code : 'UNEXPECTED';
  return { kind: 'failed', class: failureClassOfError(error), code };
}
