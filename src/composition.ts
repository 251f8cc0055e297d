import type { DynamicModule, Type } from '@nestjs/common';
import type { Logger } from 'pino';
import { AlertsModule } from './platform/alerts';
import { AuditModule } from './platform/audit';
import { CacheModule } from './platform/cache';
import { ClockModule } from './platform/clock';
import { ConfigModule, type AppConfig } from './platform/config';
import { CryptoModule } from './platform/crypto';
import { DatabaseModule } from './platform/database';
import { FactsModule } from './platform/facts';
import { InboxModule } from './platform/inbox';
import { IntentsModule } from './platform/intents';
import { LoggingModule } from './platform/logging';
import { MetricsModule } from './platform/metrics';
import { OutboxModule } from './platform/outbox';
import { QueueModule } from './platform/queue';

/** The rooms every process stands on, whether it serves HTTP, works queues or runs one command. */
export function platformModules(config: AppConfig, logger: Logger): (Type | DynamicModule)[] {
  return [
    ConfigModule.register(config),
    LoggingModule.register(logger),
    MetricsModule,
    CryptoModule,
    DatabaseModule,
    QueueModule,
    ClockModule,
    CacheModule,
    FactsModule,
    InboxModule,
    OutboxModule.register(config),
    IntentsModule,
    AuditModule,
    AlertsModule,
  ];
}
