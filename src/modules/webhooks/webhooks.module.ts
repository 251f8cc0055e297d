import { Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../../platform/config';
import { AppleModule } from '../../providers/apple';
import { GoogleModule } from '../../providers/google';
import { WiseModule } from '../../providers/wise';
import { BillingModule } from '../billing';
import { CustomersModule } from '../customers';
import { PayoutsModule } from '../payouts';
import { AggregateOwners } from './aggregate-owners.service';
import { AppStoreWebhookController } from './appstore-webhook.controller';
import { BackfillController } from './backfill.controller';
import { BackfillService } from './backfill.service';
import { DryRunService } from './dry-run.service';
import { EventApplication } from './event-application.service';
import { EventReadingService } from './event-reading.service';
import { EventSettlement } from './event-settlement.service';
import { FailureService } from './failure.service';
import { InboxBacklogMetrics } from './inbox-backlog-metrics.service';
import { FreshnessRepository } from './freshness.repository';
import { FreshnessService } from './freshness.service';
import { InboxWorker } from './inbox-worker.service';
import { IngressService } from './ingress.service';
import { OperatorsController } from './operators.controller';
import { PlayWebhookController } from './play-webhook.controller';
import { ProviderAdapters } from './provider-adapters';
import { ProviderQuestions } from './provider-questions.service';
import { ReplayService } from './replay.service';
import { RowPicturesRepository } from './row-pictures.repository';
import { SeenObjects } from './seen-objects.service';
import { StripeWebhookController } from './stripe-webhook.controller';
import { WebhooksProcessor } from './webhooks.processor';
import { WiseWebhookController } from './wise-webhook.controller';

@Module({})
export class WebhooksModule {
  static register(config: AppConfig): DynamicModule {
    return {
      module: WebhooksModule,
      imports: [AppleModule, GoogleModule, WiseModule, BillingModule, CustomersModule, PayoutsModule],
      controllers: [
        AppStoreWebhookController,
        BackfillController,
        PlayWebhookController,
        StripeWebhookController,
        WiseWebhookController,
        OperatorsController,
      ],
      providers: [
        AggregateOwners,
        IngressService,
        EventReadingService,
        EventApplication,
        EventSettlement,
        ProviderQuestions,
        FailureService,
        InboxWorker,
        ReplayService,
        ProviderAdapters,
        SeenObjects,
        BackfillService,
        FreshnessRepository,
        FreshnessService,
        DryRunService,
        RowPicturesRepository,
        InboxBacklogMetrics,
        ...(config.role === 'api' ? [] : [WebhooksProcessor]),
      ],
      exports: [AggregateOwners, BackfillService, FreshnessService, InboxWorker, ReplayService, DryRunService],
    };
  }
}
