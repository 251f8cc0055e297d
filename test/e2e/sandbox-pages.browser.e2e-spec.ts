import type { Browser, Page } from 'playwright-core';
import Stripe from 'stripe';
import { findChromium, launchChromium } from '../support/browser';
import { createMonthlyPrice, startTestSandbox, type TestSandbox } from '../support/stripe-sandbox';

describe("the sandbox's pages, in a real browser", () => {
  let browser: Browser;
  let box: TestSandbox;
  let page: Page;
  let pro: Stripe.Price;
  let customer: Stripe.Customer;

  beforeAll(async () => {
    browser = await launchChromium(findChromium());
  }, 60_000);

  afterAll(async () => {
    await browser.close();
  });

  beforeEach(async () => {
    box = await startTestSandbox({ seed: 5 });
    pro = await createMonthlyPrice(box.stripe, 'Pro', 2900);
    await createMonthlyPrice(box.stripe, 'Basic', 900);
    customer = await box.stripe.customers.create({ email: 'ada@example.com', name: '<b>Ada</b>' });
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
  });

  afterEach(async () => {
    await page.close();
    await box.sandbox.close();
  });

  /** The shop is the sandbox's own dashboard, so that a redirect needs no other server. */
  const checkout = async (): Promise<string> => {
    const session = await box.stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      line_items: [{ price: pro.id, quantity: 1 }],
      success_url: `${box.sandbox.url}/sandbox?paid={CHECKOUT_SESSION_ID}`,
      cancel_url: `${box.sandbox.url}/sandbox?cancelled`,
    });
    return session.url ?? '';
  };

  const subscribe = async (): Promise<Stripe.Subscription> => {
    await box.stripe.paymentMethods
      .attach('pm_card_visa', { customer: customer.id })
      .then((method) =>
        box.stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method.id } }),
      );
    return box.stripe.subscriptions.create({ customer: customer.id, items: [{ price: pro.id }] });
  };

  const openPortal = async (): Promise<void> => {
    const { url } = await box.stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: `${box.sandbox.url}/sandbox`,
    });
    await page.goto(url);
  };

  it('checkout: declined, then paid', async () => {
    await page.goto(await checkout());
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Subscribe to Pro');
    await page.getByRole('radio', { name: /Insufficient funds/ }).check();
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('insufficient funds');
    await page.getByRole('radio', { name: /Succeeds/ }).check();
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    await page.waitForURL(/\/sandbox\?paid=cs_test_/);
    const { data } = await box.stripe.subscriptions.list({ customer: customer.id });
    expect(data.map((subscription) => subscription.status)).toEqual(['active']);
  }, 60_000);

  it('checkout: a typed number that wants authentication, and the way back', async () => {
    const url = await checkout();
    await page.goto(url);
    await page.getByLabel('Another card number').fill('4000 0027 6000 3184');
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    await page.getByRole('button', { name: 'Refuse' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('unable to authenticate');
    await page.getByLabel('Another card number').fill('4000 0027 6000 3184');
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL(/\/sandbox\?paid=/);
    await page.goto(url);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('This checkout is paid.');
  }, 60_000);

  it('portal: change the card, pay what is open, change plan, cancel and resume', async () => {
    const subscription = await subscribe();
    await box.control('POST', 'cards', { customer: customer.id, behavior: 'insufficient_funds' });
    await box.control('POST', 'clock', { to: subscription.items.data[0]!.current_period_end + 7200 });
    await openPortal();
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('insufficient funds');

    await page.getByText('Change card').click();
    await page.getByLabel('Another card number').fill('5555 5555 5555 4444');
    await page.getByRole('button', { name: 'Save card' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Your card is changed.');
    expect(await page.getByText('MASTERCARD ending in 4444').count()).toBe(1);

    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    expect(await page.getByRole('status').textContent()).toContain('paid');
    await page.getByLabel('Change plan').selectOption({ label: 'Basic, $9.00 per month' });
    await page.getByRole('button', { name: 'Change plan' }).click();
    expect(await page.getByRole('status').textContent()).toBe('Your plan is changed.');
    await page.getByRole('button', { name: 'Cancel subscription' }).click();
    expect((await box.stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end).toBe(true);
    await page.getByRole('button', { name: 'Keep my subscription' }).click();
    expect(await box.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      status: 'active',
      cancel_at_period_end: false,
      items: { data: [{ price: { unit_amount: 900 } }] },
    });
    await page.getByRole('link', { name: /Back to the shop/ }).click();
    await page.waitForURL(/\/sandbox$/);
  }, 60_000);

  it('the hosted invoice takes another card', async () => {
    const subscription = await subscribe();
    await box.control('POST', 'cards', { customer: customer.id, behavior: 'stolen_card' });
    await box.control('POST', 'clock', { to: subscription.items.data[0]!.current_period_end + 7200 });
    const [invoice] = (await box.stripe.invoices.list({ customer: customer.id, status: 'open' })).data;
    await page.goto(invoice?.hosted_invoice_url ?? '');
    await page.getByRole('radio', { name: /Expired card/ }).check();
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('expired');
    await page.getByRole('radio', { name: /Asks for authentication/ }).check();
    await page.getByRole('button', { name: 'Pay $29.00' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    expect(await page.getByRole('status').textContent()).toContain('paid');
    expect((await box.stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
    await page.goto(invoice?.invoice_pdf ?? '');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Invoice');
  }, 60_000);

  it('the dashboard shows what there is, escaped, and moves the clock', async () => {
    await subscribe();
    await page.goto(`${box.sandbox.url}/sandbox`);
    expect(await page.getByRole('cell', { name: '<b>Ada</b>' }).first().textContent()).toContain(customer.id);
    expect(await page.locator('b').count()).toBe(0);
    const before = (await box.control<{ now: number }>('GET', 'clock')).now;
    await page.getByRole('button', { name: '+ 31 days' }).click();
    await page.waitForURL(/\/sandbox$/);
    expect((await box.control<{ now: number }>('GET', 'clock')).now).toBeGreaterThanOrEqual(before + 31 * 86_400);
    expect(await page.getByText('invoice.paid').count()).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it('the App Store: buy, fail, pay again, refund, reverse and cancel', async () => {
    interface Held {
      originalTransactionId: string;
      status: number;
      pays: boolean;
      autoRenew: boolean;
    }
    const held = async (): Promise<Held> =>
      (await box.control<{ data: Held[] }>('GET', 'apple/subscriptions')).data[0]!;
    const press = async (name: string): Promise<void> => {
      await page
        .getByRole('button', { name: new RegExp(`^${name} \\d+$`) })
        .first()
        .click();
      await page.waitForURL(/\/sandbox\/apple$/);
    };
    const token = '0198c0de-0000-4000-8000-000000000001';
    await page.goto(`${box.sandbox.url}/sandbox/apple`);
    await page.getByLabel('Account token').fill('<b>nobody</b>');
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toContain('The account token is a UUID.');
    await page.goto(`${box.sandbox.url}/sandbox/apple`);
    await page.getByLabel('Product').selectOption('com.example.kassa.pro.monthly');
    await page.getByLabel('Account token').fill(token);
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await page.waitForURL(/\/sandbox\/apple$/);
    expect(await page.getByText(token).count()).toBe(1);
    expect(await page.getByRole('cell', { name: 'SUBSCRIBED INITIAL_BUY' }).count()).toBe(1);

    await press('Decline payments');
    const { now } = await box.control<{ now: number }>('GET', 'clock');
    await box.control('POST', 'clock', { to: now + 15 * 86_400 });
    await page.reload();
    expect(await page.getByText('grace period').count()).toBe(1);
    expect(await held()).toMatchObject({ status: 4, pays: false });
    await press('Pay again');
    expect(await held()).toMatchObject({ status: 1, pays: true });

    await press('Refund');
    expect(await held()).toMatchObject({ status: 5 });
    await press('Reverse refund');
    expect(await held()).toMatchObject({ status: 1 });
    await press('Renew again');
    await press('Cancel');
    expect(await held()).toMatchObject({ status: 1, autoRenew: false });
    expect(await page.getByRole('cell', { name: 'DID_CHANGE_RENEWAL_STATUS AUTO_RENEW_DISABLED' }).count()).toBe(1);
  }, 60_000);

  it('Google Play: buy, fail, pay again, cancel, restart, and refund', async () => {
    interface Held {
      state: string;
      pays: boolean;
    }
    const held = async (): Promise<Held> =>
      (await box.control<{ data: Held[] }>('GET', 'google/subscriptions')).data[0]!;
    const press = async (name: string): Promise<void> => {
      await page
        .getByRole('button', { name: new RegExp(`^${name} \\S+$`) })
        .first()
        .click();
      await page.waitForURL(/\/sandbox\/google$/);
    };
    const account = '0198c0de-0000-4000-8000-000000000001';
    await page.goto(`${box.sandbox.url}/sandbox/google`);
    await page.getByLabel('Obfuscated account id').fill('x'.repeat(65));
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).toContain('at most 64 characters');
    await page.goto(`${box.sandbox.url}/sandbox/google`);
    await page.getByLabel('Product').selectOption('pro:monthly');
    await page.getByLabel('Obfuscated account id').fill(account);
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await page.waitForURL(/\/sandbox\/google$/);
    expect(await page.getByText(account).count()).toBe(1);
    expect(await page.getByText('not acknowledged').count()).toBe(1);
    expect(await page.getByRole('cell', { name: 'subscription.PURCHASED' }).count()).toBe(1);
    await page.getByLabel('Product').selectOption('lifetime');
    await page.getByRole('button', { name: 'Buy', exact: true }).click();
    await page.waitForURL(/\/sandbox\/google$/);

    // The lifetime is not: it is given back.
    await press('Acknowledge');
    await press('Decline payments');
    const { now } = await box.control<{ now: number }>('GET', 'clock');
    await box.control('POST', 'clock', { to: now + 15 * 86_400 });
    await page.reload();
    expect(await page.getByText('in grace period').count()).toBe(1);
    expect(await page.getByText('cancelled').count()).toBe(1);
    expect(await held()).toMatchObject({ state: 'IN_GRACE_PERIOD', pays: false });
    await press('Pay again');
    expect(await held()).toMatchObject({ state: 'ACTIVE', pays: true });

    await press('Cancel');
    expect(await held()).toMatchObject({ state: 'CANCELED' });
    await press('Restart');
    // The newest order is on top: the period that is running, and its refund ends nothing.
    await press('Refund');
    expect(await page.getByRole('cell', { name: 'voided' }).count()).toBeGreaterThan(0);
    expect(await held()).toMatchObject({ state: 'ACTIVE' });
    await press('Cancel');
    await press('Refund and revoke');
    expect(await held()).toMatchObject({ state: 'EXPIRED' });
  }, 60_000);
});
