import type { Chaos } from '../control/chaos';
import { SeededRandom } from '../control/random';
import { TimedWorld } from '../control/timed-world';
import type { SandboxClock } from '../stripe/contract';
import { Deliverer, type Delivery, type DelivererOptions, type Outgoing } from '../webhooks/deliverer';
import { AppleBook } from './book';
import type { AppIdentity, AppleState, SubscriptionRecord } from './state';
import { AppleStore } from './store';
import type { Notification, TransactionInfo } from './wire';

export interface AppleOptions {
  readonly clock: SandboxClock;
  readonly seed: number;
  readonly chaos: Chaos;
  readonly delivery: DelivererOptions;
  readonly onChange: () => void;
  readonly app?: AppIdentity | undefined;
}

const ENDPOINT = 'appstore';

/** The App Store: its book, what happens in it, and the notifications that tell of it. */
export class AppleWorld extends TimedWorld {
  readonly book: AppleBook;
  readonly store: AppleStore;
  readonly deliverer: Deliverer<Notification>;

  constructor(
    private readonly options: AppleOptions,
    state?: AppleState,
  ) {
    super(options.clock);
    const { chaos, seed, delivery, onChange } = options;
    this.book = new AppleBook(seed, options.app, state);
    this.store = new AppleStore(this.book, (type, subtype, about, at) => {
      this.notify(type, subtype, this.dataOf(about, at), at, about.transaction.originalTransactionId);
    });
    this.deliverer = new Deliverer(
      new NotificationWire(this.book),
      chaos,
      new SeededRandom(seed + 3),
      delivery,
      onChange,
    );
    this.deliverer.restore(state?.deliveries ?? []);
  }

  save(): AppleState {
    return { ...this.book.save(), deliveries: this.deliverer.all() };
  }

  /** What `POST /inApps/v1/notifications/test` sends. @returns its token. */
  sendTest(): string {
    const { bundleId, appId, environment } = this.book.settings;
    return this.notify('TEST', null, { data: { bundleId, appAppleId: appId, environment } }, this.now(), null).id;
  }

  /** Renewals, ends of grace and of billing retry. */
  protected *awaited(): Generator<{ at: number | null; run: (at: number) => void }> {
    for (const record of this.book.subscriptions.values()) {
      yield {
        at: this.store.dueAt(record),
        run: (at) => {
          this.store.runDue(record, at);
        },
      };
    }
  }

  private dataOf(
    { transaction, subscription }: { transaction: TransactionInfo; subscription?: SubscriptionRecord },
    at: number,
  ): object {
    const { bundleId, appId } = this.book.settings;
    return {
      data: {
        appAppleId: appId,
        bundleId,
        bundleVersion: '1',
        environment: transaction.environment,
        signedTransactionInfo: this.book.sign(transaction, at).jws,
        ...(subscription && {
          signedRenewalInfo: this.book.sign(this.book.renewalInfo(subscription), at).jws,
          status: subscription.status,
        }),
      },
    };
  }

  private notify(
    notificationType: string,
    subtype: string | null,
    content: object,
    at: number,
    originalTransactionId: string | null,
  ): Notification {
    const id = this.book.nextUuid();
    const payload = {
      notificationType,
      ...(subtype !== null && { subtype }),
      notificationUUID: id,
      version: '2.0',
      ...content,
    };
    const { jws: signedPayload, signedDate } = this.book.sign(payload, at);
    const type = notificationType;
    const notification = { id, type, notificationType, subtype, originalTransactionId, signedDate, signedPayload };
    this.book.notifications.set(id, notification);
    this.deliverer.accept(notification);
    this.options.onChange();
    return notification;
  }
}

/** Notifications go to one address, as App Store Connect has it; a moved address gets what is still on its way. */
class NotificationWire implements Outgoing<Notification> {
  constructor(private readonly book: AppleBook) {}

  listening(): { id: string; url: string }[] {
    const url = this.book.settings.notificationUrl;
    return url === null ? [] : [{ id: ENDPOINT, url }];
  }

  receiver(): { id: string; url: string } | undefined {
    return this.listening()[0];
  }

  find(eventId: string): Notification | undefined {
    return this.book.notifications.get(eventId);
  }

  isOld(): boolean {
    return false;
  }

  message({ signedPayload }: Notification, _delivery: Delivery): { headers: Record<string, string>; body: string } {
    const headers = { 'content-type': 'application/json', 'user-agent': 'AppStore-Server-Notifications/2.0' };
    return { headers, body: JSON.stringify({ signedPayload }) };
  }
}
