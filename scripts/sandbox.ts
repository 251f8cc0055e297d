import { developmentSecrets } from './dev-secrets';
import { runMain } from './run-main';
import { stopSignal } from './stop-signal';
import { startStripeSandbox } from './stripe-sandbox';

/** `npm run sandbox`: Stripe's stand-in alone, for a service that runs elsewhere with this clone's secrets. */
async function main(): Promise<void> {
  const interrupted = stopSignal();
  const { STRIPE_WEBHOOK_SECRETS = '' } = developmentSecrets();
  const sandbox = await startStripeSandbox({
    port: Number(process.env['SANDBOX_PORT'] ?? 12111),
    webhookUrl: `http://localhost:${process.env['PORT'] ?? 3000}/v1/webhooks/stripe`,
    webhookSecret: STRIPE_WEBHOOK_SECRETS,
  });
  const code = await Promise.race([sandbox.ended, interrupted]);
  await sandbox.stop();
  process.exitCode = code ?? 0;
}

runMain(main);
