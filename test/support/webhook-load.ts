import { stripeEvent, stripeSignature, postWebhook } from './stripe-events';

/** One event of the load, and what it must come to in the books. */
export interface LoadEvent {
  readonly id: string;
  /** Stripe's id of the invoice it tells of. */
  readonly invoice: string;
  /** Paid, in minor units of USD. */
  readonly amount: number;
  /** The bytes that are sent, each time anew signed. */
  readonly body: string;
}

export interface WebhookLoad {
  /** Events that were answered 2xx, by their ids. */
  readonly acked: ReadonlyMap<string, LoadEvent>;
  /** How often each status came; 0 is no answer at all. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Milliseconds of the slowest answer so far. */
  readonly slowest: number;
  /** Until a load that ends by itself has its last answer. */
  readonly done: Promise<void>;
  /** Ends the load before its end, if it has one; resolves when the last answer is in. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Looked up for each request, so that the load follows a service to another port, or goes to several. */
  url: () => string;
  secret: string;
  /** What is sent next; the load ends by itself where there is nothing more. */
  next: () => LoadEvent | undefined;
  concurrency?: number;
}

/** Every invoice of the load bears this in its id, and nothing else does. */
export const LOAD_PREFIX = 'in_load_';

let serial = 0;

/** A paid invoice of its own for each event, of one customer after the other. */
export function paidInvoices(customers: readonly string[], total = Infinity): () => LoadEvent | undefined {
  let made = 0;
  return () => {
    made += 1;
    return made > total ? undefined : invoiceEvent('invoice.paid', invoiceOf(customers));
  };
}

/** Two events for each of so many invoices: that it is open, and a second later that it is paid. */
export function finalizedAndPaid(customers: readonly string[], invoices: number): LoadEvent[] {
  return Array.from({ length: invoices }, () => invoiceOf(customers)).flatMap((invoice) => [
    invoiceEvent('invoice.finalized', invoice),
    invoiceEvent('invoice.paid', invoice),
  ]);
}

/** Sends on several connections, each event once, whatever the answers are. */
export function startLoad({ url, secret, next, concurrency = 4 }: LoadOptions): WebhookLoad {
  const acked = new Map<string, LoadEvent>();
  const statuses = new Map<number, number>();
  const state = { stopped: false, slowest: 0 };
  const send = async (event: LoadEvent): Promise<void> => {
    const begin = Date.now();
    const answer = sendEvent(url(), event.body, secret);
    const status = await answer.then((a) => a.status).catch(() => 0);
    state.slowest = Math.max(state.slowest, Date.now() - begin);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 200) acked.set(event.id, event);
    // A refused connection answers in no time; turning round at once would only starve what is to come back.
    else await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const worker = async (): Promise<void> => {
    for (let event = next(); event && !state.stopped; event = next()) await send(event);
  };
  const done = Promise.all(Array.from({ length: concurrency }, worker)).then(() => undefined);
  return {
    acked,
    statuses,
    done,
    get slowest() {
      return state.slowest;
    },
    stop: async () => {
      state.stopped = true;
      await done;
    },
  };
}

/** One delivery, signed now. */
export function sendEvent(url: string, body: string, secret: string): ReturnType<typeof postWebhook> {
  return postWebhook(`${url}/v1/webhooks/stripe`, body, stripeSignature(body, secret));
}

interface InvoiceFigures {
  id: string;
  customer: string;
  amount: number;
  at: number;
}

function invoiceOf(customers: readonly string[]): InvoiceFigures {
  serial += 1;
  const customer = customers[serial % customers.length] ?? '';
  return {
    id: `${LOAD_PREFIX}${serial}`,
    customer,
    amount: 100 + (serial % 900),
    at: Math.floor(Date.now() / 1000) - 60,
  };
}

function invoiceEvent(type: 'invoice.finalized' | 'invoice.paid', figures: InvoiceFigures): LoadEvent {
  const { id, customer, amount, at } = figures;
  const paid = type === 'invoice.paid';
  const period = { start: at, end: at + 30 * 86_400 };
  const object = {
    object: 'invoice',
    id,
    customer,
    parent: null,
    metadata: {},
    number: `N-${id}`,
    status: paid ? 'paid' : 'open',
    billing_reason: 'subscription_cycle',
    currency: 'usd',
    total: amount,
    total_taxes: [],
    amount_due: amount,
    amount_paid: paid ? amount : 0,
    amount_remaining: paid ? 0 : amount,
    starting_balance: 0,
    ending_balance: 0,
    attempt_count: paid ? 1 : 0,
    next_payment_attempt: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    period_start: period.start,
    period_end: period.end,
    created: at,
    status_transitions: { finalized_at: at, paid_at: paid ? at + 1 : null },
    lines: {
      object: 'list',
      data: [
        { id: `il_${id}`, description: 'Load', amount, currency: 'usd', quantity: 1, period, taxes: [], parent: null },
      ],
    },
  };
  const event = stripeEvent(type, object, { created: paid ? at + 1 : at });
  return { id: event.id, invoice: id, amount, body: JSON.stringify(event) };
}
