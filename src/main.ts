import 'reflect-metadata';
import { AppModule } from './app.module';
import { ConfigError, loadConfig } from './platform/config';
import { createApp, stopOnSignal } from './platform/http';
import { createLogger } from './platform/logging';

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger(config);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'Uncaught exception');
    process.exit(1);
  });
  const app = await createApp({ config, logger, module: AppModule.register(config, logger) });
  stopOnSignal(app, config, logger);
  await app.listen(config.http.port, config.http.host);
  logger.info({ url: await app.getUrl(), bootMs: Math.round(process.uptime() * 1000) }, 'Kassa is ready');
}

main().catch((error: unknown) => {
  // Before there is a logger, or because a part could not start: plain words on standard error, for a person.
  process.stderr.write(`${error instanceof ConfigError ? error.message : describe(error)}\n`);
  process.exit(1);
});

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
