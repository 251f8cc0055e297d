import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { AppConfig } from '../../config';
import { HealthRegistry } from '../health/health-registry';

/** Requests still open after this are cut: an endless stream must not keep a process alive. */
const CUT_AFTER_MS = 10_000;
/** Kubernetes and Compose kill later than this (30 s) or sooner (10 s); either way nothing is lost, only repeated. */
const GIVE_UP_AFTER_MS = 25_000;

/**
 * Stops in order at SIGTERM or SIGINT: not ready any more, no new connections, requests and jobs finished, connections
 * closed, exit 0. A second signal, or not being done in time, exits 1 at once.
 */
export function stopOnSignal(app: NestFastifyApplication, config: AppConfig, logger: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      logger.warn({ signal }, 'Told twice to stop: exiting at once');
      process.exit(1);
    }
    stopping = true;
    logger.info({ signal }, 'Stopping');
    closeGracefully(app, config).then(
      () => {
        logger.info('Stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'Could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

async function closeGracefully(app: NestFastifyApplication, config: AppConfig): Promise<void> {
  app.get(HealthRegistry).drain();
  setTimeout(() => {
    process.exit(1);
  }, GIVE_UP_AFTER_MS).unref();
  // Load balancers need a moment to see that we are not ready before connections are refused.
  await new Promise((resolve) => setTimeout(resolve, config.http.shutdownDelaySeconds * 1000));
  setTimeout(() => {
    app.getHttpAdapter().getInstance().server.closeAllConnections();
  }, CUT_AFTER_MS).unref();
  await app.close();
}
