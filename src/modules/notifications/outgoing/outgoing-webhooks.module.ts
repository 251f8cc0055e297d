import { lookup } from 'node:dns/promises';
import { Module, type DynamicModule } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AppConfig } from '../../../platform/config';
import { DeliveriesRepository } from './deliveries.repository';
import { DeliverySettlement } from './delivery-settlement.service';
import { EndpointDesk } from './endpoint-desk.service';
import { EndpointSecrets } from './endpoint-secrets.service';
import { EndpointSwitch } from './endpoint-switch.service';
import { EndpointsRepository } from './endpoints.repository';
import { MessagesRepository } from './messages.repository';
import { OutgoingDelivery } from './outgoing-delivery.flow';
import { OutgoingEvents } from './outgoing-events.consumer';
import { OutgoingUpkeep } from './outgoing-upkeep.service';
import { OutgoingWebhooksProcessor } from './outgoing-webhooks.processor';
import { Redelivery } from './redelivery.service';
import { SecretsRepository } from './secrets.repository';
import { urlPolicyOf } from './url-policy';
import { WebhookDeliveriesController } from './webhook-deliveries.controller';
import { WebhookEndpointsController } from './webhook-endpoints.controller';
import { WebhookContract } from './webhook-contract';
import { WebhookTransport, type Resolve } from './webhook-transport';

/** Domain events told to the customer's own backend. */
@Module({})
export class OutgoingWebhooksModule {
  static register(config: AppConfig): DynamicModule {
    return {
      module: OutgoingWebhooksModule,
      controllers: [WebhookEndpointsController, WebhookDeliveriesController],
      providers: [
        {
          provide: WebhookTransport,
          inject: [AppConfig, Clock],
          useFactory: (settings: AppConfig, clock: Clock) => transportOf(settings, clock),
        },
        EndpointsRepository,
        SecretsRepository,
        MessagesRepository,
        DeliveriesRepository,
        EndpointSecrets,
        EndpointSwitch,
        EndpointDesk,
        Redelivery,
        OutgoingEvents,
        WebhookContract,
        DeliverySettlement,
        OutgoingDelivery,
        OutgoingUpkeep,
        ...(config.role === 'api' ? [] : [OutgoingWebhooksProcessor]),
      ],
    };
  }
}

function transportOf(config: AppConfig, clock: Clock): WebhookTransport {
  const resolve: Resolve = (name) => lookup(name, { all: true });
  return new WebhookTransport(urlPolicyOf(config), config.outgoing.timeoutMs, resolve, clock);
}
