import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { Module, type DynamicModule } from '@nestjs/common';
import { CommandFactory } from 'nest-commander';
import type { Logger } from 'pino';
import { BackfillCommand } from './cli/backfill.command';
import { CustomersCommand } from './cli/customers.command';
import { DunningCommand } from './cli/dunning.command';
import { EventsCommand } from './cli/events.command';
import { FactsCommand } from './cli/facts.command';
import { LedgerCommand } from './cli/ledger.command';
import { ReconcileCommand } from './cli/reconcile.command';
import { SeedCommand } from './cli/seed.command';
import { TokenCommand } from './cli/token.command';
import { platformModules } from './composition';
import { ErasureModule } from './modules/admin';
import { BillingModule } from './modules/billing';
import { IapModule } from './modules/iap';
import { LedgerModule } from './modules/ledger';
import { ReconciliationModule } from './modules/reconciliation';
import { RetryModule } from './modules/retry';
import { SupportModule } from './modules/support';
import { WebhooksModule } from './modules/webhooks';
import { ConfigError, loadConfig, type AppConfig } from './platform/config';
import { HttpModule } from './platform/http';
import { createLogger } from './platform/logging';

/** How much garbage a command keeps beside what it needs. */
const HEAP_GROWING_PERCENT = 30;

/** One command, then the end: nothing here sweeps or works queues. */
@Module({})
class CliModule {
  static register(config: AppConfig, logger: Logger): DynamicModule {
    const webhooks = WebhooksModule.register(config);
    const retry = RetryModule.register(config);
    return {
      module: CliModule,
      // Controllers come with their module; what they are decorated with must be resolvable, though nothing listens.
      imports: [
        ...platformModules(config, logger),
        HttpModule,
        BillingModule,
        IapModule,
        retry,
        ErasureModule,
        LedgerModule,
        webhooks,
        ReconciliationModule,
        // A command that tells of something must know who is to hear.
        SupportModule.register(webhooks, retry),
      ],
      providers: [
        BackfillCommand,
        DunningCommand,
        ReconcileCommand,
        SeedCommand,
        TokenCommand,
        ...EventsCommand.registerWithSubCommands(),
        ...FactsCommand.registerWithSubCommands(),
        ...CustomersCommand.registerWithSubCommands(),
        ...LedgerCommand.registerWithSubCommands(),
      ],
    };
  }
}

async function main(): Promise<void> {
  // A command may walk over millions of rows and is to stay small: left alone, V8 lets the heap grow threefold before it collects.
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  // A command does not take the worker's part, whatever ROLE the environment names.
  const config = loadConfig({ ...process.env, ROLE: 'api', LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn' });
  const logger = createLogger(config);
  const app = await CommandFactory.createWithoutRunning(CliModule.register(config, logger), {
    logger: ['error', 'warn'],
    errorHandler: fail,
    serviceErrorHandler: fail,
  });
  await CommandFactory.runApplication(app);
  await app.close();
  process.exit(process.exitCode ?? 0);
}

/** What a command says of its arguments, and what a setting lacks, is a sentence; anything else is a fault, and where it was matters. */
function fail(error: Error): never {
  const isSentence = error instanceof ConfigError || error.constructor === Error;
  process.stderr.write(`${isSentence ? error.message : (error.stack ?? error.message)}\n`);
  // A command that has said what its end means is heard.
  process.exit(process.exitCode ?? 1);
}

main().catch((error: unknown) => {
  fail(error instanceof Error ? error : new Error(String(error)));
});
