import { Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../../platform/config';
import { BillingModule } from '../billing';
import { CustomersModule } from '../customers';
import { LiveEventsRepository } from './live-events.repository';
import { LiveHint } from './live-hint.consumer';
import { LiveStreamController } from './live-stream.controller';
import { LiveStreams } from './live-streams.service';
import { MESSAGE_CONTROLLERS, messageProviders } from './notifications.parts';

@Module({})
export class NotificationsModule {
  static register(config: AppConfig): DynamicModule {
    return {
      module: NotificationsModule,
      imports: [BillingModule, CustomersModule],
      controllers: [LiveStreamController, ...MESSAGE_CONTROLLERS],
      providers: [LiveEventsRepository, LiveHint, LiveStreams, ...messageProviders(config)],
    };
  }
}
