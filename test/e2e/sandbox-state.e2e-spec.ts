import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { watch } from 'node:fs';
import type { SandboxOptions } from '../../sandbox/server';
import { createMonthlyPrice, startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';
import { WebhookReceiver } from '../support/webhook-receiver';

describe("the Stripe sandbox's state file", () => {
  let folder: string;
  let stateFile: string;
  let receiver: WebhookReceiver;
  const running: TestSandbox[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sandbox-state-'));
    stateFile = path.join(folder, 'sandbox.json');
    receiver = await WebhookReceiver.start();
  });

  afterEach(async () => {
    for (const box of running.splice(0)) await box.sandbox.close();
    await receiver.close();
    await rm(folder, { recursive: true });
  });

  const start = async (options: SandboxOptions = {}): Promise<TestSandbox> => {
    const box = await startTestSandbox({
      stateFile,
      webhooks: [{ url: receiver.url, secret: receiver.secret }],
      delivery: { retryDelaysMs: [10, 20], concurrency: 1 },
      ...options,
    });
    running.push(box);
    return box;
  };

  const stop = async (box: TestSandbox): Promise<void> => {
    running.splice(running.indexOf(box), 1);
    await box.sandbox.close();
  };

  it('has the same customers after a restart, and renews their subscriptions', async () => {
    const first = await start({ start: 1_800_000_000 });
    const price = await createMonthlyPrice(first.stripe, 'Pro', 2900);
    const customer = await first.stripe.customers.create({
      email: 'ada@example.com',
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const subscription = await first.stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
    });
    await first.control('POST', 'deliveries/flush');
    await stop(first);
    receiver.clear();

    const second = await start();
    expect(second.sandbox.seed).toBe(first.sandbox.seed);
    expect(await second.stripe.customers.retrieve(customer.id)).toMatchObject({ email: 'ada@example.com' });
    expect((await second.stripe.prices.list({ lookup_keys: ['pro_monthly'] })).data[0]?.id).toBe(price.id);
    await second.control('POST', 'clock', { advanceSeconds: 32 * 86_400 });
    expect(await second.control('POST', 'deliveries/flush')).toMatchObject({ pending: 0, failed: 0 });
    const renewed = await second.stripe.subscriptions.retrieve(subscription.id);
    expect(renewed.status).toBe('active');
    expect(renewed.latest_invoice).not.toBe(subscription.latest_invoice);
    expect(receiver.types).toContain('invoice.paid');
    expect(receiver.refused).toEqual([]);
  });

  it('sends what was still to be delivered, to where the receiver is now', async () => {
    const first = await start({ delivery: { retryDelaysMs: [60_000], concurrency: 1 } });
    receiver.answers.push(500);
    await first.stripe.customers.create({ email: 'ada@example.com' });
    await untilChanged(folder, async () => (await pendingAttempts(first)) === 1);
    await stop(first);
    expect(receiver.types).toEqual([]);

    const moved = await WebhookReceiver.start();
    moved.secret = 'whsec_moved';
    const second = await start({ webhooks: [{ url: moved.url, secret: moved.secret }] });
    expect(await second.control('POST', 'deliveries/flush')).toMatchObject({ pending: 0, delivered: 1 });
    expect(moved.types).toEqual(['customer.created']);
    expect(await pendingAttempts(second)).toBe(2);
    await moved.close();
  });

  it('is written soon after a change, whole, and for its owner only', async () => {
    const box = await start({ webhooks: [] });
    await box.stripe.customers.create({ email: 'ada@example.com' });
    await untilChanged(folder, async () => (await readFile(stateFile, 'utf8')).includes('ada@example.com'));
    expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
    await stop(box);
    expect(await readdir(folder)).toEqual(['sandbox.json']);
  });

  it('is refused when it is broken, changed or of another version, and left as it is', async () => {
    await stop(await start());
    const good = await readFile(stateFile, 'utf8');
    const cases: [string, RegExp][] = [
      [good.slice(0, -10), /^The sandbox's state file \S+sandbox\.json is broken [^.]*\.$/],
      [good.replace('"seed":', '"seed":1'), /is broken or was changed by hand/],
      ['', /is broken/],
      ['null', /is broken/],
      ['[1]', /is broken/],
      [good.replace('"version":1', '"version":2'), /sandbox\.json is of another version \(format 2 for Stripe's API /],
    ];
    for (const [text, message] of cases) {
      await writeFile(stateFile, text);
      await expect(start()).rejects.toThrow(message);
      expect(await readFile(stateFile, 'utf8')).toBe(text);
    }
  });

  it('says where it cannot be read or written', async () => {
    await expect(start({ stateFile: folder })).rejects.toThrow(
      `The sandbox's state file ${folder} cannot be read: EISDIR`,
    );
    const nowhere = path.join(folder, 'no', 'sandbox.json');
    await expect(start({ stateFile: nowhere })).rejects.toThrow(`${nowhere} cannot be written: ENOENT`);
  });
});

async function pendingAttempts(box: TestSandbox): Promise<number | undefined> {
  const { data } = await box.control<{ data: { attempts: object[] }[] }>('GET', 'deliveries');
  return data[0]?.attempts.length;
}

/** Waits until something holds that shows in the folder's files, looking whenever one of them changes. */
async function untilChanged(folder: string, holds: () => Promise<boolean>): Promise<void> {
  const watcher = watch(folder);
  try {
    for (;;) {
      const change = once(watcher, 'change');
      if (await holds()) return;
      await change;
    }
  } finally {
    watcher.close();
  }
}
