import { request, requestJson, UnexpectedAnswer, type Call } from './http';

export interface SentEvent {
  readonly id: string;
  readonly type: string;
  /** Of Wise's, which Kassa knows by what they say. */
  readonly data?: {
    readonly resource?: { readonly id: number };
    readonly occurred_at: string;
    readonly current_state?: string;
    readonly balance_id?: number;
    readonly step_id?: number;
    readonly transfer_id?: number;
    readonly failure_reason_code?: string;
  };
}

export interface Delivery {
  readonly eventId: string;
  /** To which of the receivers. */
  readonly endpointId: string;
  readonly state: string;
  readonly attempts: readonly { readonly at: number; readonly status: number | null }[];
}

/** A provider, with everything it has sent, oldest first. */
export interface Sender {
  readonly name: 'stripe' | 'apple' | 'google' | 'wise';
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

/** Where the control API has what the others have sent. */
const SENT_BY = { apple: 'apple/notifications', google: 'google/pushes', wise: 'wise/events' } as const;
/** Wise tries a new address before it tells anything there. */
const IS_TRY = /^test /;

/** The sandbox, seen as Stripe: its API, its pages in the hands of a customer, and its control API, the stores' and Wise's too. */
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
    for (const name of ['apple', 'google', 'wise'] as const) {
      const sent = await list<{ data: SentEvent[]; deliveries: Delivery[] }>(SENT_BY[name]);
      const tries = new Set(sent.data.filter(({ type }) => IS_TRY.test(type)).map(({ id }) => id));
      const told = <T>(all: readonly T[], idOf: (one: T) => string): T[] => all.filter((one) => !tries.has(idOf(one)));
      senders.push({
        name,
        events: told(sent.data, ({ id }) => id),
        deliveries: told(sent.deliveries, ({ eventId }) => eventId),
      });
    }
    return senders;
  }

  /** By which Kassa knows an event. */
  static keyOf({ name }: Sender, { id, type, data }: SentEvent, { endpointId }: Delivery): string {
    if (name !== 'wise' || !data) return `${name}:${id}`;
    const says: Readonly<Record<string, readonly unknown[]>> = {
      'transfers#state-change': [data.resource?.id, data.current_state],
      'transfers#payout-failure': [data.transfer_id, data.failure_reason_code],
      'balances#update': [data.balance_id, data.step_id],
    };
    return [name, type, ...(says[type] ?? []), data.occurred_at, endpointId].join(':');
  }

  async redeliver(sender: Sender['name'], eventId: string): Promise<void> {
    const path = sender === 'stripe' ? 'events' : SENT_BY[sender];
    await this.control('POST', `${path}/${eventId}/redeliver`, {});
  }
}
