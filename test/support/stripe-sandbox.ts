import Stripe from 'stripe';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/server';

/** A running sandbox with an SDK client pointed at it and its control API at hand. */
export interface TestSandbox {
  readonly sandbox: Sandbox;
  readonly stripe: Stripe;
  /** Calls the control API, e.g. `control('PUT', 'chaos', {down: true})`; throws on anything but 2xx. */
  control<T = unknown>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T>;
  /** Sends a page's form as a browser would, without following the redirect. */
  submit(path: string, fields: Record<string, string>): Promise<Response>;
}

export async function startTestSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const sandbox = await createSandbox(options);
  const stripe = new Stripe('sk_test_x', {
    host: '127.0.0.1',
    port: sandbox.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });
  return {
    sandbox,
    stripe,
    control: async <T>(method: string, path: string, body?: object): Promise<T> => {
      const response = await fetch(`${sandbox.url}/sandbox/${path}`, {
        method,
        ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} /sandbox/${path}: ${response.status} ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    submit: (path, fields) =>
      fetch(new URL(path, sandbox.url), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' }),
  };
}

/** A product with a monthly price, as a catalogue would have it. */
export async function createMonthlyPrice(stripe: Stripe, name: string, unitAmount: number): Promise<Stripe.Price> {
  const product = await stripe.products.create({ name });
  return stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: unitAmount,
    recurring: { interval: 'month' },
    lookup_key: `${name.toLowerCase()}_monthly`,
  });
}
