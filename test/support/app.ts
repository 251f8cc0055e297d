import { Module, type DynamicModule, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module';
import { loadConfig, type AppConfig, type Environment } from '../../src/platform/config';
import { createApp } from '../../src/platform/http';
import { createLogger } from '../../src/platform/logging';
import { TEST_AUTH } from './tokens';

export interface StartAppOptions {
  /** As the service's login. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Environment variables that replace or add to the test's own; an empty text removes one. */
  readonly settings?: Environment;
  /** Modules of the test's own, beside the real application. */
  readonly imports?: readonly (Type | DynamicModule)[];
  /** Receives the log lines; without it nothing is logged. */
  readonly log?: (line: string) => void;
}

export interface RunningApp {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly app: NestFastifyApplication;
  readonly config: AppConfig;
  close(): Promise<void>;
}

@Module({})
class TestRoot {}

/** Boots the real application on a free port. Call it in `beforeAll`, and `close` in `afterAll`. */
export async function startApp(options: StartAppOptions): Promise<RunningApp> {
  const config = loadConfig({
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: options.log ? 'debug' : 'silent',
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    AUTH_JWT_SECRET: TEST_AUTH.secret,
    AUTH_ISSUER: TEST_AUTH.issuer,
    AUTH_AUDIENCE: TEST_AUTH.audience,
    INTERNAL_API_KEY: TEST_AUTH.internalApiKey,
    CRON_SECRET: TEST_AUTH.cronSecret,
    // Nothing is repaired behind a test's back.
    FRESHNESS_READS_PER_MINUTE: '0',
    // A test machine may be busy; what is cached is to be found.
    CACHE_PATIENCE_MS: '5000',
    ...options.settings,
  });
  const logger = createLogger(config, options.log && { write: options.log });
  const module: DynamicModule = {
    module: TestRoot,
    imports: [AppModule.register(config, logger), ...(options.imports ?? [])],
  };
  const app = await createApp({ config, logger, module });
  await app.listen(config.http.port, config.http.host);
  return { url: await app.getUrl(), app, config, close: () => app.close() };
}
