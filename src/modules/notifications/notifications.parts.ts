import type { Provider, Type } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { UnitOfWork } from '../../platform/database';
import { ExpoTransport } from './channels/expo.transport';
import { MailOutboxRepository } from './channels/mail-outbox.repository';
import { MailTransport } from './channels/mail.port';
import { OutboxTransport } from './channels/outbox.transport';
import { PushTransport } from './channels/push.port';
import { SmtpTransport } from './channels/smtp.transport';
import { DeliveryOutcomes } from './delivery/delivery-outcomes.service';
import { LateBouncesController } from './delivery/late-bounces.controller';
import { LateBounces } from './delivery/late-bounces.service';
import { NotificationDelivery } from './delivery/notification-delivery.flow';
import { NotificationUpkeep } from './delivery/notification-upkeep.service';
import { NotificationsConsumer } from './delivery/notifications.consumer';
import { NotificationsProcessor } from './delivery/notifications.processor';
import { NotificationsRepository } from './delivery/notifications.repository';
import { PushReceiptsFlow } from './delivery/push-receipts.flow';
import { PushesRepository } from './delivery/pushes.repository';
import { DevicesRepository } from './desk/devices.repository';
import { InboxRepository } from './desk/inbox.repository';
import { NotificationDesk } from './desk/notification-desk.service';
import { NotificationsController } from './desk/notifications.controller';
import { PreferencesRepository } from './desk/preferences.repository';
import { TemplatesController } from './desk/templates.controller';
import { UnsubscribeController } from './unsubscribe/unsubscribe.controller';
import { UnsubscribeLinks } from './unsubscribe/unsubscribe-links.service';
import { MessageVoice } from './wordings/message-voice';
import { WordingDesk } from './wordings/wording-desk.service';
import { WordingsController } from './wordings/wordings.controller';
import { WordingsRepository } from './wordings/wordings.repository';
import { RecipientsRepository } from './recipients.repository';
import { SubjectsRepository } from './subjects.repository';

export const MESSAGE_CONTROLLERS: Type[] = [
  UnsubscribeController,
  LateBouncesController,
  NotificationsController,
  TemplatesController,
  WordingsController,
];

/** What tells customers; its work is done by workers, its routes are served by all. */
export function messageProviders(config: AppConfig): Provider[] {
  return [
    RecipientsRepository,
    SubjectsRepository,
    NotificationsRepository,
    PushesRepository,
    MailOutboxRepository,
    InboxRepository,
    PreferencesRepository,
    DevicesRepository,
    NotificationDesk,
    UnsubscribeLinks,
    WordingsRepository,
    WordingDesk,
    MessageVoice,
    NotificationsConsumer,
    DeliveryOutcomes,
    LateBounces,
    NotificationDelivery,
    PushReceiptsFlow,
    NotificationUpkeep,
    { provide: PushTransport, useClass: ExpoTransport },
    { provide: MailTransport, inject: [UnitOfWork, MailOutboxRepository], useFactory: mailTransportOf(config) },
    ...(config.role === 'api' ? [] : [NotificationsProcessor]),
  ];
}

function mailTransportOf({ messages: { smtp }, isProduction }: AppConfig) {
  return (unitOfWork: UnitOfWork, outbox: MailOutboxRepository): MailTransport =>
    smtp ? new SmtpTransport({ ...smtp, requireTls: isProduction }) : new OutboxTransport(unitOfWork, outbox);
}
