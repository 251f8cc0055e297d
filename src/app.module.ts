import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from 'pino';
import { ConfigModule, type AppConfig } from './platform/config';
import { DatabaseModule } from './platform/database';
import { HttpModule } from './platform/http';
import { LoggingModule } from './platform/logging';
import { MetricsModule } from './platform/metrics';

/** The composition root: what this process is made of. */
@Module({})
export class AppModule {
  static register(config: AppConfig, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(config),
        LoggingModule.register(logger),
        MetricsModule,
        DatabaseModule,
        HttpModule,
      ],
    };
  }
}
