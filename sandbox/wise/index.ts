import { sign } from 'node:crypto';
import type { Chaos } from '../control/chaos';
import { SeededRandom } from '../control/random';
import { TimedWorld } from '../control/timed-world';
import type { SandboxClock } from '../stripe/contract';
import { Deliverer, type Delivery, type DelivererOptions, type Outgoing, type Receiver } from '../webhooks/deliverer';
import { Balances } from './balances';
import { uuidOf, WiseBook } from './book';
import { WiseSandboxError, type SubscriptionRecord, type WiseEvent, type WiseIdentity, type WiseState } from './state';
import { Transfers } from './transfers';

export interface WiseOptions {
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly chaos: Chaos;
  readonly delivery: DelivererOptions;
  readonly onChange: () => void;
  readonly account?: WiseIdentity | undefined;
}

/** What a profile can be told of. */
export const TRIGGERS: readonly string[] = [
  'transfers#state-change',
  'transfers#payout-failure',
  'balances#update',
  'balances#credit',
  'transfers#active-cases',
  'transfers#refund',
];
/** What the sandbox tells of. */
export const TOLD: readonly string[] = TRIGGERS.slice(0, 3);
const TEST = 'test ';

/** Wise: its book, what happens there, and the webhooks that tell of it. */
export class WiseWorld extends TimedWorld {
  readonly book: WiseBook;
  readonly balances: Balances;
  readonly transfers: Transfers;
  readonly deliverer: Deliverer<WiseEvent>;

  constructor(
    private readonly options: WiseOptions,
    state?: WiseState,
  ) {
    super(options.clock);
    const { chaos, seed, delivery, onChange } = options;
    this.book = new WiseBook(seed, options.account, state);
    const tell = (type: string, data: Readonly<Record<string, unknown>>, at: number): void => {
      this.tell(type, data, at, null);
    };
    this.balances = new Balances(this.book, tell);
    this.transfers = new Transfers(this.book, this.balances, tell);
    const wire = new WebhookWire(this.book, () => this.now());
    this.deliverer = new Deliverer(wire, chaos, new SeededRandom(seed + 8), delivery, onChange);
    this.deliverer.restore(state?.deliveries ?? []);
  }

  save(): WiseState {
    return { ...this.book.save(), deliveries: this.deliverer.all() };
  }

  /** Wise tries a new one at once. @returns the subscription that is there already for this address and trigger. */
  subscribe(wanted: Pick<SubscriptionRecord, 'name' | 'trigger' | 'version' | 'url'>): SubscriptionRecord {
    const { subscriptions } = this.book;
    const known = [...subscriptions.values()].find(
      ({ url, trigger }) => url === wanted.url && trigger === wanted.trigger,
    );
    if (known) return known;
    const subscription = { ...wanted, id: this.book.newUuid(), createdAt: this.now() };
    subscriptions.set(subscription.id, subscription);
    this.sendTest(subscription.id);
    return subscription;
  }

  /** @throws WiseSandboxError */
  sendTest(id: string): WiseEvent {
    const subscription = this.book.subscriptions.get(id);
    if (!subscription) throw new WiseSandboxError(`there is no subscription ${id}`, 404);
    const at = this.book.tick(this.now());
    const resource = { type: 'transfer', id: 0, profile_id: 0, account_id: 0 };
    const states = { current_state: 'processing', previous_state: 'incoming_payment_waiting' };
    return this.tell(`${TEST}${id}`, { resource, ...states, occurred_at: new Date(at).toISOString() }, at, id);
  }

  /** Conversions, payouts, refunds, and ends of what nobody pays for. */
  protected *awaited(): Generator<{ at: number | null; run: (at: number) => void }> {
    for (const transfer of this.book.transfers.values()) {
      yield {
        at: this.transfers.dueAt(transfer),
        run: (at) => {
          this.transfers.runDue(transfer, at);
        },
      };
    }
  }

  private tell(type: string, data: Readonly<Record<string, unknown>>, at: number, testOf: string | null): WiseEvent {
    const event: WiseEvent = { id: this.book.newUuid(), type, at, data, testOf };
    this.book.events.set(event.id, event);
    this.deliverer.accept(event);
    this.options.onChange();
    return event;
  }
}

/** Webhooks of the profile's subscriptions; one that is gone gets nothing any more. */
class WebhookWire implements Outgoing<WiseEvent> {
  constructor(
    private readonly book: WiseBook,
    private readonly now: () => number,
  ) {}

  listening(type: string): readonly Receiver[] {
    const all = [...this.book.subscriptions.values()];
    if (type.startsWith(TEST)) return all.filter(({ id }) => id === type.slice(TEST.length));
    return all.filter(({ trigger }) => trigger === type);
  }

  receiver(id: string): Receiver | undefined {
    return this.book.subscriptions.get(id);
  }

  find(eventId: string): WiseEvent | undefined {
    return this.book.events.get(eventId);
  }

  isOld(): boolean {
    return false;
  }

  /** The delivery's id stays over its retries; a repeated delivery has another. */
  message({ data, testOf }: WiseEvent, delivery: Delivery): { headers: Record<string, string>; body: string } {
    const { trigger, version } = this.book.subscriptions.get(delivery.endpointId) ?? { trigger: '', version: '' };
    const body = JSON.stringify({
      data: version === '4.0.0' ? data : inSeconds(data),
      ...{ subscription_id: delivery.endpointId, event_type: trigger, schema_version: version },
      sent_at: new Date(this.now()).toISOString(),
    });
    return {
      headers: {
        ...{ 'content-type': 'application/json', 'user-agent': 'Wise/webhooks' },
        'x-signature-sha256': sign('sha256', Buffer.from(body), this.book.key).toString('base64'),
        'x-delivery-id': uuidOf(delivery.id),
        ...(testOf !== null && { 'x-test-notification': 'true' }),
      },
      body,
    };
  }
}

/** Before version 4 moments were told to the second. */
function inSeconds(data: Readonly<Record<string, unknown>>): object {
  const { occurred_at: at } = data;
  return { ...data, ...(typeof at === 'string' && { occurred_at: at.replace(/\.\d+Z$/, 'Z') }) };
}
