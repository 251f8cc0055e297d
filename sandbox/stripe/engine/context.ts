/** What every part of the engine works with: objects, time, ids, planned jobs and the way out for events. */
import { pagePaths, type EventSink, type SandboxClock } from '../contract';
import type Stripe from 'stripe';
import type { CardBehavior } from './cards';
import type { DiscountInput, DiscountTerms } from './discounting';
import type { IdGenerator } from './ids';
import { Scheduler, type SchedulerState } from './scheduler';
import { WireStore, type StoreState } from './store';
import type { AnyWireObject, WireType } from './wire';
import type { LineDraft } from './line-draft';

/** Settings that are made in Stripe's dashboard rather than by the API. */
export interface SandboxSettings {
  /** What becomes of a subscription when all retries of an invoice have failed. */
  afterRetries: 'cancel' | 'unpaid' | 'past_due';
  /** Days after the first attempt at which a failed renewal is tried again. */
  retryDays: readonly number[];
  /** How a plan change in the billing portal is settled. */
  portalProration: 'always_invoice' | 'create_prorations' | 'none';
  /** Stripe's share of a charge in hundredths of a percent; 290 is 2.9 %. */
  feeBasisPoints: number;
  /** What comes on top for each charge, for each dispute and for each refund: minor units of the currency the balance moves in. */
  feeFixed: number;
  disputeFee: number;
  refundFee: number;
  /** Days after which the money of a charge can be paid out. */
  availableAfterDays: number;
  /** Seconds after which a charge gets its balance transaction and `charge.updated` tells so; null: at once. */
  captureDelaySeconds: number | null;
  /** The one currency our balance is kept in, at a rate of minor units; null: each currency has a balance of its own. */
  settlement: Settlement | null;
  /** What becomes of refunds to cards. */
  refunds: RefundBehavior;
  /** Days a debit of a bank account takes to come in or come back. */
  debitDays: number;
  /** Whether what is available is paid out each midnight (UTC) or by request only. */
  payouts: 'daily' | 'manual';
}

export interface Settlement {
  readonly currency: string;
  readonly rate: number;
}

/** Bank accounts always are `pending_then_succeeds` unless these say worse. */
export type RefundBehavior =
  'succeeds' | 'pending' | 'pending_then_succeeds' | 'pending_then_fails' | 'succeeds_then_fails' | 'requires_action';

/** A saved card's hidden side. */
export interface CardState {
  behavior: CardBehavior;
  attaches: boolean;
  setUp: boolean;
}

/** What a checkout session was created with and does not show. */
export interface CheckoutDraft {
  items: { price: string; quantity: number; lineItemId: string }[];
  trialDays: number | null;
  trialEnd: number | null;
  subscriptionMetadata: Record<string, string>;
  description: string | null;
  missingPaymentMethod: string;
  /** What the session's discount is, and what it takes off. Missing where there is none. */
  discount?: { readonly input: DiscountInput; readonly terms: DiscountTerms };
  /** A card that waits for its holder to authenticate. */
  waiting: { paymentMethod: string } | null;
}

/** What a portal session waits for: a setup intent or an invoice whose card must be authenticated. */
export type PortalWait = { readonly setup: string } | { readonly invoice: string };

type Entries<T> = readonly (readonly [string, T])[];

/** An engine as it is kept between two runs: plain data that JSON leaves as it is. */
export interface EngineState {
  readonly ids: number;
  readonly store: StoreState;
  readonly jobs: SchedulerState;
  readonly cards: Entries<CardState>;
  readonly checkouts: Entries<CheckoutDraft>;
  readonly portalWaits: Entries<PortalWait>;
  readonly pendingSetups: Entries<string>;
  readonly pendingLines: Entries<LineDraft[]>;
  /** Missing in the file of an earlier release, as are the next two. */
  readonly couponProducts?: Entries<readonly string[]>;
  readonly discountTerms?: Entries<DiscountTerms>;
  readonly netPeriods?: Entries<NetPeriod>;
  readonly unannounced: readonly string[];
  readonly settings: SandboxSettings;
}

/** What a whole period of an item costs net of discounts, while it is on these terms. */
export interface NetPeriod {
  readonly price: string;
  readonly quantity: number;
  readonly net: number;
}

type EventType = Stripe.Event.Type;

const updatedEvents: Partial<Record<WireType, EventType>> = {
  customer: 'customer.updated',
  product: 'product.updated',
  price: 'price.updated',
  subscription: 'customer.subscription.updated',
  invoice: 'invoice.updated',
  payment_method: 'payment_method.updated',
  coupon: 'coupon.updated',
  promotion_code: 'promotion_code.updated',
  tax_id: 'customer.tax_id.updated',
  subscription_schedule: 'subscription_schedule.updated',
  charge: 'charge.updated',
  refund: 'refund.updated',
  dispute: 'charge.dispute.updated',
  credit_note: 'credit_note.updated',
  payout: 'payout.updated',
  'radar.early_fraud_warning': 'radar.early_fraud_warning.updated',
};

export class SandboxContext {
  readonly store = new WireStore();
  readonly jobs = new Scheduler();
  readonly cards = new Map<string, CardState>();
  readonly checkouts = new Map<string, CheckoutDraft>();
  /** Portal sessions whose card's holder has to authenticate. */
  readonly portalWaits = new Map<string, PortalWait>();
  /** Setup intents a subscription waits for. */
  readonly pendingSetups = new Map<string, string>();
  /** Prorations waiting for the next invoice of their subscription. */
  readonly pendingLines = new Map<string, LineDraft[]>();
  /** Coupons for certain products only. */
  readonly couponProducts = new Map<string, readonly string[]>();
  readonly discountTerms = new Map<string, DiscountTerms>();
  /** By subscription item: what its period was last charged at, for what is given back of it. */
  readonly netPeriods = new Map<string, NetPeriod>();
  readonly settings: SandboxSettings = {
    afterRetries: 'cancel',
    retryDays: [1, 3, 5, 7],
    portalProration: 'always_invoice',
    feeBasisPoints: 290,
    feeFixed: 30,
    disputeFee: 1500,
    refundFee: 0,
    availableAfterDays: 2,
    captureDelaySeconds: null,
    settlement: null,
    refunds: 'succeeds',
    debitDays: 4,
    payouts: 'manual',
  };
  /** Balance transactions whose money cannot be paid out yet. */
  readonly unavailable = new Set<string>();
  /** The second the first of them becomes available, or earlier. */
  nextRelease = 0;
  /** Objects whose creation is not announced yet; what changes until then is part of the creation. */
  private readonly unannounced = new Set<string>();
  private cursor: number | null = null;
  private latest = 0;

  constructor(
    readonly ids: IdGenerator,
    private readonly clock: SandboxClock,
    private readonly events: EventSink,
    private readonly publicUrl: string,
  ) {}

  /** Shares the objects: to be written down at once. */
  save(): EngineState {
    return {
      ids: this.ids.save(),
      store: this.store.save(),
      jobs: this.jobs.save(),
      cards: [...this.cards],
      checkouts: [...this.checkouts],
      portalWaits: [...this.portalWaits],
      pendingSetups: [...this.pendingSetups],
      pendingLines: [...this.pendingLines],
      couponProducts: [...this.couponProducts],
      discountTerms: [...this.discountTerms],
      netPeriods: [...this.netPeriods],
      unannounced: [...this.unannounced],
      settings: this.settings,
    };
  }

  /** Fills an empty context; the ids come with the constructor, the time with the clock. */
  restore(state: EngineState): void {
    this.store.restore(state.store);
    this.jobs.restore(state.jobs);
    fill(this.cards, state.cards);
    fill(this.checkouts, state.checkouts);
    fill(this.portalWaits, state.portalWaits);
    fill(this.pendingSetups, state.pendingSetups);
    fill(this.pendingLines, state.pendingLines);
    fill(this.couponProducts, state.couponProducts ?? []);
    fill(this.discountTerms, state.discountTerms ?? []);
    fill(this.netPeriods, state.netPeriods ?? []);
    for (const id of state.unannounced) this.unannounced.add(id);
    Object.assign(this.settings, state.settings);
    for (const { id, status } of this.store.all('balance_transaction')) {
      if (status === 'pending') this.unavailable.add(id);
    }
  }

  /** The moment that is being worked on: the due time of a planned job, else the clock. Never goes back. */
  now(): number {
    this.latest = Math.max(this.latest, this.cursor ?? Math.floor(this.clock.now()));
    return this.latest;
  }

  /** Where the clock stands, whatever moment is being worked on. */
  clockNow(): number {
    return Math.floor(this.clock.now());
  }

  /** Does work as of the given moment. */
  at(moment: number, work: () => void): void {
    this.cursor = moment;
    try {
      work();
    } finally {
      this.cursor = null;
    }
  }

  /** True while planned work runs, so that work does not start itself again. */
  isCatchingUp(): boolean {
    return this.cursor !== null;
  }

  url(page: keyof typeof pagePaths, id: string): string {
    return `${this.publicUrl.replace(/\/$/, '')}${pagePaths[page](id)}`;
  }

  emit(type: EventType, object: object, previousAttributes?: object): void {
    const origin = { created: this.now(), scheduled: this.cursor !== null };
    this.events.emit(type, structuredClone(object), previousAttributes, origin);
  }

  /** Stores a new object; with an event type its creation is announced at once. */
  create<T extends AnyWireObject>(object: T, event: EventType | null): T {
    this.store.add(object);
    if (event !== null) this.emit(event, object);
    return object;
  }

  /** Stores a new object whose creation {@link announce} tells later, with all that happened until then. */
  createSilently<T extends AnyWireObject>(object: T): T {
    this.unannounced.add(object.id);
    this.store.add(object);
    return object;
  }

  announce(object: AnyWireObject, event: EventType): void {
    if (this.unannounced.delete(object.id)) this.emit(event, object);
  }

  /** Changes an object in place; when something really changed, tells so with the former values. */
  update<T extends AnyWireObject>(object: T, change: (object: T) => void): void {
    const before = structuredClone(object);
    change(object);
    const event = updatedEvents[object.object];
    if (event === undefined || this.unannounced.has(object.id)) return;
    const previous = previousAttributes(before, object);
    if (Object.keys(previous).length > 0) this.emit(event, object, previous);
  }
}

function fill<T>(map: Map<string, T>, entries: Entries<T>): void {
  for (const [key, value] of entries) map.set(key, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The former values of what differs, nested as Stripe nests them: only changed keys, new keys as null, lists whole. */
export function previousAttributes(before: object, after: object): Record<string, unknown> {
  const old: Record<string, unknown> = { ...before };
  const current: Record<string, unknown> = { ...after };
  const previous: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(old), ...Object.keys(current)])) {
    const was = old[key];
    const is = current[key];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    previous[key] = isRecord(was) && isRecord(is) ? previousAttributes(was, is) : structuredClone(was ?? null);
  }
  return previous;
}
