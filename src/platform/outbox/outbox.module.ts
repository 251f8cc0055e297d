import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../config';
import { OutboxRelay } from './outbox-relay.service';
import { OutboxProcessor } from './outbox.processor';
import { OutboxRepository } from './outbox.repository';
import { Outbox } from './outbox.service';

@Global()
@Module({})
export class OutboxModule {
  static register(config: AppConfig): DynamicModule {
    return {
      module: OutboxModule,
      providers: [OutboxRepository, Outbox, OutboxRelay, ...(config.role === 'api' ? [] : [OutboxProcessor])],
      exports: [Outbox, OutboxRelay],
    };
  }
}
