import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { developmentSecrets } from './dev-secrets';
import { runMain } from './run-main';
import { keeperIn, notifyKassa, STORES, storeSettings } from './sandbox-stores';
import { openWise, wiseSettings } from './sandbox-wise';
import { ROOT, STATE_FOLDER } from './services/paths';
import { stopSignal } from './stop-signal';
import { startStripeSandbox } from './stripe-sandbox';
import { untilItListens } from './until-it-listens';

/** `npm run sandbox`: the stand-in of Stripe, the stores and Wise alone, for a service that runs elsewhere with this clone's secrets. */
async function main(): Promise<void> {
  const interrupted = stopSignal();
  const { STRIPE_WEBHOOK_SECRETS = '' } = developmentSecrets();
  const port = Number(process.env['SANDBOX_PORT'] ?? 12111);
  const kassa = `http://localhost:${process.env['PORT'] ?? 3000}`;
  const folder = path.join(STATE_FOLDER, `stores-${port}`);
  const sandbox = await startStripeSandbox({
    port,
    webhookUrl: `${kassa}/v1/webhooks/stripe`,
    webhookSecret: STRIPE_WEBHOOK_SECRETS,
  });
  try {
    const url = `http://localhost:${port}`;
    await untilItListens('sandbox', sandbox, `${url}/sandbox/clock`);
    await notifyKassa(url, STORES, kassa);
    await openWise(url, kassa);
    const settings = Object.entries({
      ...(await storeSettings(url, STORES, folder)),
      ...(await wiseSettings(url, keeperIn(folder))),
    });
    const file = path.join(folder, 'stores.env');
    writeFileSync(file, settings.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
    process.stderr.write(`What Kassa has to know of its stores and its Wise: ${path.relative(ROOT, file)}\n`);
    const code = await Promise.race([sandbox.ended, interrupted]);
    process.exitCode = code ?? 0;
  } finally {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

runMain(main);
