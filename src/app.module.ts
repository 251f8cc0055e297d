import { Module, type DynamicModule, type Type } from '@nestjs/common';
import type { Logger } from 'pino';
import { platformModules } from './composition';
import { AdminModule } from './modules/admin';
import { BillingModule } from './modules/billing';
import { IapModule } from './modules/iap';
import { NotificationsModule, OutgoingWebhooksModule } from './modules/notifications';
import { PayoutsModule } from './modules/payouts';
import { ReconciliationModule } from './modules/reconciliation';
import { RetryModule } from './modules/retry';
import { SupportModule } from './modules/support';
import { WebhooksModule } from './modules/webhooks';
import type { AppConfig } from './platform/config';
import { HttpModule } from './platform/http';
import { ReadinessModule } from './readiness.module';

/** The composition root: what this process is made of. ROLE decides. */
@Module({})
export class AppModule {
  static register(config: AppConfig, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [...platformModules(config, logger), HttpModule, ReadinessModule, ...featureModules(config)],
    };
  }
}

function featureModules(config: AppConfig): (Type | DynamicModule)[] {
  const webhooks = WebhooksModule.register(config);
  const retry = RetryModule.register(config);
  return [
    BillingModule,
    IapModule,
    PayoutsModule,
    retry,
    webhooks,
    ReconciliationModule,
    SupportModule.register(webhooks, retry),
    NotificationsModule.register(config),
    OutgoingWebhooksModule.register(config),
    AdminModule,
  ];
}
