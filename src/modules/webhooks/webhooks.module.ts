import { Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../../platform/config';
import { BillingModule } from '../billing';
import { EventApplication } from './event-application.service';
import { EventReadingService } from './event-reading.service';
import { FailureService } from './failure.service';
import { InboxWorker } from './inbox-worker.service';
import { IngressService } from './ingress.service';
import { ReplayService } from './replay.service';
import { StripeWebhookController } from './stripe-webhook.controller';
import { WebhooksProcessor } from './webhooks.processor';

@Module({})
export class WebhooksModule {
  static register(config: AppConfig): DynamicModule {
    return {
      module: WebhooksModule,
      imports: [BillingModule],
      controllers: [StripeWebhookController],
      providers: [
        IngressService,
        EventReadingService,
        EventApplication,
        FailureService,
        InboxWorker,
        ReplayService,
        ...(config.role === 'api' ? [] : [WebhooksProcessor]),
      ],
      exports: [InboxWorker, ReplayService],
    };
  }
}
