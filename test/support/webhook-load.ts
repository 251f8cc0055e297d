import { stripeEvent, stripeSignature, postWebhook } from './stripe-events';

export interface WebhookLoad {
  /** Events that were answered 2xx. */
  readonly acked: ReadonlySet<string>;
  /** How often each status came; 0 is no answer at all. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Milliseconds of the slowest answer so far. */
  readonly slowest: number;
  /** Ends the load; resolves when the last answer is in. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Looked up for each request, so that the load follows a service to another port. */
  url: () => string;
  secret: string;
  /** Stripe's ids of customers; each event is a new payment of the next one. */
  customers: readonly string[];
  concurrency?: number;
  /** Ends by itself after so many events. */
  total?: number;
}

let serial = 0;

/** Sends payments one after the other on several connections, each event once, whatever the answers are. */
export function startLoad({ url, secret, customers, concurrency = 4, total = Infinity }: LoadOptions): WebhookLoad {
  const acked = new Set<string>();
  const statuses = new Map<number, number>();
  const state = { stopped: false, slowest: 0, sent: 0 };
  const sendOne = async (): Promise<void> => {
    serial += 1;
    const event = payment(`pi_load_${serial}`, customers[serial % customers.length] ?? '');
    const body = JSON.stringify(event);
    const begin = Date.now();
    const answer = postWebhook(`${url()}/v1/webhooks/stripe`, body, stripeSignature(body, secret));
    const status = await answer.then((a) => a.status).catch(() => 0);
    state.slowest = Math.max(state.slowest, Date.now() - begin);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 200) acked.add(event.id);
    // A refused connection answers in no time; turning round at once would only starve what is to come back.
    if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const worker = async (): Promise<void> => {
    while (!state.stopped && state.sent < total) {
      state.sent += 1;
      await sendOne();
    }
  };
  const workers = Array.from({ length: concurrency }, worker);
  return {
    acked,
    statuses,
    get slowest() {
      return state.slowest;
    },
    stop: async () => {
      state.stopped = true;
      await Promise.all(workers);
    },
  };
}

function payment(id: string, customer: string): ReturnType<typeof stripeEvent> {
  const created = Math.floor(Date.now() / 1000);
  const money = { amount: 100, currency: 'usd', status: 'succeeded', payment_method: null, last_payment_error: null };
  return stripeEvent('payment_intent.succeeded', { object: 'payment_intent', id, customer, created, ...money });
}
