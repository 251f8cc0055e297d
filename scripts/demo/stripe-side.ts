import { request, requestJson, UnexpectedAnswer, type Call } from './http';

export interface SentEvent {
  readonly id: string;
  readonly type: string;
}

export interface Delivery {
  readonly eventId: string;
  readonly state: string;
  readonly attempts: readonly { readonly at: number; readonly status: number | null }[];
}

/** A provider, with everything it has sent, oldest first. */
export interface Sender {
  readonly name: 'stripe' | 'apple' | 'google';
  readonly events: readonly SentEvent[];
  readonly deliveries: readonly Delivery[];
}

export interface StripeInvoice {
  readonly id: string;
  readonly status: string;
  readonly amount_due: number;
  readonly amount_paid: number;
}

export interface StripeSubscription {
  readonly id: string;
  readonly status: string;
  readonly cancel_at_period_end: boolean;
  readonly canceled_at: number | null;
  readonly items: {
    readonly data: readonly {
      readonly current_period_end: number;
      readonly quantity: number;
      readonly price: { readonly unit_amount: number };
    }[];
  };
}

/** What a form on one of Stripe's pages led to: on to the next page, or back to the form with a reason. */
export type FormResult = { readonly location: string } | { readonly problem: string };

/** Where the control API has what the stores have sent. */
const SENT_BY = { apple: 'apple/notifications', google: 'google/pushes' } as const;

/** The sandbox, seen as Stripe: its API, its pages in the hands of a customer, and its control API, the stores' too. */
export class StripeSide {
  constructor(readonly url: string) {}

  /** Stripe's own API. */
  api<T>(path: string, form?: Readonly<Record<string, string>>): Promise<T> {
    const call: Call = { headers: { authorization: 'Bearer sk_test_demo' }, ...(form ? { form } : {}) };
    return requestJson<T>(`${this.url}/v1${path}`, call);
  }

  control<T>(method: 'GET' | 'POST' | 'PUT', path: string, json?: unknown): Promise<T> {
    return requestJson<T>(`${this.url}/sandbox/${path}`, { method, ...(json === undefined ? {} : { json }) });
  }

  /** The page's HTML. */
  async page(url: string): Promise<string> {
    const answer = await request(url);
    if (answer.status !== 200) throw new UnexpectedAnswer(url, answer);
    return answer.text;
  }

  async submit(url: string, form: Readonly<Record<string, string>>): Promise<FormResult> {
    const answer = await request(url, { form });
    const location = answer.headers.get('location');
    if (answer.status === 303 && location !== null) return { location };
    // The page says why in one place, marked as an alert.
    const problem = /role="alert">([^<]+)</.exec(answer.text)?.[1];
    if (problem === undefined) throw new UnexpectedAnswer(`The form at ${url}`, answer);
    return { problem: problem.replaceAll('&#39;', "'") };
  }

  async now(): Promise<Date> {
    return new Date((await this.control<{ now: number }>('GET', 'clock')).now * 1000);
  }

  async senders(): Promise<readonly Sender[]> {
    const list = <T>(path: string): Promise<T> => this.control<T>('GET', path);
    const [events, deliveries] = [
      await list<{ data: SentEvent[] }>('events'),
      await list<{ data: Delivery[] }>('deliveries'),
    ];
    const senders: Sender[] = [{ name: 'stripe', events: events.data, deliveries: deliveries.data }];
    for (const name of ['apple', 'google'] as const) {
      const sent = await list<{ data: SentEvent[]; deliveries: Delivery[] }>(SENT_BY[name]);
      senders.push({ name, events: sent.data, deliveries: sent.deliveries });
    }
    return senders;
  }

  async redeliver(sender: Sender['name'], eventId: string): Promise<void> {
    const path = sender === 'stripe' ? 'events' : SENT_BY[sender];
    await this.control('POST', `${path}/${eventId}/redeliver`, {});
  }
}
