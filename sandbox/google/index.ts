import { sign } from 'jsonwebtoken';
import type { Chaos } from '../control/chaos';
import { SeededRandom } from '../control/random';
import { TimedWorld } from '../control/timed-world';
import type { SandboxClock } from '../stripe/contract';
import { Deliverer, type Delivery, type DelivererOptions, type Outgoing } from '../webhooks/deliverer';
import { GoogleBook } from './book';
import type { GoogleIdentity, GoogleState, Push } from './state';
import { GoogleStore } from './store';
import { notification } from './wire';

export interface GoogleOptions {
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly chaos: Chaos;
  readonly delivery: DelivererOptions;
  readonly onChange: () => void;
  readonly app?: GoogleIdentity | undefined;
}

const ENDPOINT = 'pubsub';

/** Google Play: its book, what happens in it, and the pushes that tell of it. */
export class GoogleWorld extends TimedWorld {
  readonly book: GoogleBook;
  readonly store: GoogleStore;
  readonly deliverer: Deliverer<Push>;

  constructor(
    private readonly options: GoogleOptions,
    state?: GoogleState,
  ) {
    super(options.clock);
    const { chaos, seed, delivery, onChange } = options;
    this.book = new GoogleBook(seed, options.app, state);
    this.store = new GoogleStore(this.book, (type, about, at) => {
      this.push(type, about, at);
    });
    this.deliverer = new Deliverer(new PushWire(this.book), chaos, new SeededRandom(seed + 5), delivery, onChange);
    this.deliverer.restore(state?.deliveries ?? []);
  }

  save(): GoogleState {
    return { ...this.book.save(), deliveries: this.deliverer.all() };
  }

  /** What Play Console sends to try the topic. */
  sendTest(): Push {
    return this.push('test', { testNotification: { version: '1.0' } }, this.now());
  }

  /** Renewals, ends of grace, hold and pause, and purchases that nobody has acknowledged. */
  protected *awaited(): Generator<{ at: number | null; run: (at: number) => void }> {
    for (const one of this.book.subscriptions.values()) {
      yield {
        at: this.store.dueAt(one),
        run: (at) => {
          this.store.runDue(one, at);
        },
      };
    }
    for (const one of this.book.purchases.values()) {
      yield {
        at: this.store.productDueAt(one),
        run: (at) => {
          this.store.runProductDue(one, at);
        },
      };
    }
  }

  private push(type: string, about: Readonly<Record<string, unknown>>, at: number): Push {
    const data = { ...notification(this.book, about, at) };
    const push: Push = { id: this.book.newMessageId(), type, at, data };
    this.book.pushes.set(push.id, push);
    this.deliverer.accept(push);
    this.options.onChange();
    return push;
  }
}

/** Pub/Sub pushes to one address, as its subscription has it; a moved address gets what is still on its way. */
class PushWire implements Outgoing<Push> {
  constructor(private readonly book: GoogleBook) {}

  listening(): { id: string; url: string }[] {
    const url = this.book.settings.pushUrl;
    return url === null ? [] : [{ id: ENDPOINT, url }];
  }

  receiver(): { id: string; url: string } | undefined {
    return this.listening()[0];
  }

  find(eventId: string): Push | undefined {
    return this.book.pushes.get(eventId);
  }

  isOld(): boolean {
    return false;
  }

  /** Signed anew for each attempt, in real time: nobody moves Google's clock. */
  message({ id, at, data }: Push, _delivery: Delivery): { headers: Record<string, string>; body: string } {
    const { keys, settings } = this.book;
    const claims = { email: settings.pushAccount, email_verified: true, sub: '108', azp: '108' };
    const token = sign(claims, keys.pushKey, {
      ...{ algorithm: 'RS256', keyid: keys.keyId, expiresIn: 3600, issuer: 'https://accounts.google.com' },
      audience: settings.pushAudience,
    });
    const encoded = Buffer.from(JSON.stringify(data)).toString('base64');
    const published = new Date(at).toISOString();
    const message = { data: encoded, messageId: id, message_id: id, publishTime: published, publish_time: published };
    return {
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'user-agent': 'APIs-Google' },
      body: JSON.stringify({ message, subscription: 'projects/kassa-sandbox/subscriptions/play' }),
    };
  }
}
