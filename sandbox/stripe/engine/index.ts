/**
 * The billing half of the Stripe sandbox: objects, rules and time, in memory, synchronous, and the same for the same
 * seed and requests. It knows nothing of HTTP; `contract.ts` says what it promises the shell.
 */
import { randomInt } from 'node:crypto';
import type { EventSink, ObjectStore, SandboxClock, SandboxRoute } from '../contract';
import { stripeRoutes } from '../routes';
import { bookEarlierCharges, bookLate, releaseBalance } from './balance';
import { endCoupon, endPromotionCode } from './coupons';
import { sufferAftermath } from './card-aftermath';
import { checkoutPage, type CheckoutPage } from './checkout-page';
import { expireCheckoutSession } from './checkout-sessions';
import { concludeDebit } from './collection';
import { SandboxContext, type EngineState } from './context';
import { sandboxControl, type SandboxControl } from './control';
import { endDiscount } from './discounts';
import { disputeDue, disputeExpired } from './disputes';
import { expandable } from './expandable';
import { createIdGenerator } from './ids';
import { subscriptionOf } from './invoices';
import { payOutDaily, payoutArrives } from './payouts';
import { debitResult } from './payment-methods';
import { portalPage, type PortalPage } from './portal-page';
import { announceUpcoming } from './preview';
import { completeRefund, failRefund } from './refunds';
import { cancelAsPlanned, finalizeDue, renew, retryDue } from './renewals';
import type { Job, JobKind } from './scheduler';
import { advanceSchedule, warnOfExpiry } from './schedules';
import { applyPhase } from './subscription-update';
import { expireUnpaidStart } from './subscriptions';
import type { SubscriptionObject } from './wire';

export interface StripeEngineOptions {
  readonly clock: SandboxClock;
  readonly events: EventSink;
  /** Where the shell's pages are reached, e.g. `http://127.0.0.1:12111`. */
  readonly publicUrl: string;
  /** Same seed, same ids. Left out, ids differ from run to run, so that a restarted sandbox never repeats one. */
  readonly seed?: number;
  /** What an engine's `save` gave: this one goes on from there, and the seed is of no account. */
  readonly state?: EngineState;
}

export interface StripeEngine {
  readonly store: ObjectStore;
  readonly routes: readonly SandboxRoute[];
  /** Runs everything due up to the clock, in the order of time, each as of its own second. */
  advance(): void;
  /** The second the next thing is due, or null. */
  nextDue(): number | null;
  readonly checkout: CheckoutPage;
  readonly portal: PortalPage;
  readonly control: SandboxControl;
  /** Everything it knows, sharing its objects: to be written down at once. */
  save(): EngineState;
}

type SubscriptionJob = (ctx: SandboxContext, sub: SubscriptionObject) => void;

const subscriptionJobs: Partial<Record<JobKind, SubscriptionJob>> = {
  'subscription.renew': renew,
  'subscription.cancel': cancelAsPlanned,
  'subscription.upcoming': announceUpcoming,
  'subscription.expire_incomplete': expireUnpaidStart,
  'subscription.trial_will_end': (ctx, sub) => {
    if (sub.status === 'trialing') ctx.emit('customer.subscription.trial_will_end', sub);
  },
  'subscription.resume_collection': (ctx, sub) => {
    ctx.update(sub, (target) => {
      target.pause_collection = null;
    });
  },
};

/** What time does to money that has moved. */
const moneyJobs: Partial<Record<JobKind, (ctx: SandboxContext, id: string) => void>> = {
  'charge.aftermath': (ctx, id) => {
    sufferAftermath(ctx, ctx.store.require('charge', id));
  },
  'charge.book': (ctx, id) => {
    bookLate(ctx, ctx.store.require('charge', id));
  },
  'dispute.due': (ctx, id) => {
    disputeDue(ctx, ctx.store.require('dispute', id));
  },
  'dispute.expire': (ctx, id) => {
    disputeExpired(ctx, ctx.store.require('dispute', id));
  },
  'payout.arrive': (ctx, id) => {
    payoutArrives(ctx, ctx.store.require('payout', id));
  },
  'payout.daily': payOutDaily,
  'refund.fail': (ctx, id) => {
    failRefund(ctx, ctx.store.require('refund', id), 'expired_or_canceled_card');
  },
  'refund.succeed': (ctx, id) => {
    completeRefund(ctx, ctx.store.require('refund', id));
  },
};

/** What time does to discounts and to debits under way. */
function runPricing(ctx: SandboxContext, job: Job): void {
  const coupon = ctx.store.find('coupon', job.id);
  const code = ctx.store.find('promotion_code', job.id);
  const discount = ctx.store.find('discount', job.id);
  if (coupon !== undefined && job.kind === 'coupon.expire') endCoupon(ctx, coupon);
  if (code !== undefined && job.kind === 'promotion_code.expire') endPromotionCode(ctx, code);
  if (discount !== undefined && job.kind === 'discount.end') endDiscount(ctx, discount);
  const schedule = ctx.store.find('subscription_schedule', job.id);
  if (schedule !== undefined && job.kind === 'schedule.expiring') warnOfExpiry(ctx, schedule);
  if (schedule !== undefined && job.kind === 'schedule.advance') {
    advanceSchedule(ctx, schedule, (sub, phase) => {
      applyPhase(ctx, sub, phase);
    });
  }
  const intent = ctx.store.find('payment_intent', job.id);
  if (intent?.status === 'processing' && job.kind === 'payment.settle') {
    concludeDebit(ctx, intent, debitResult(ctx, intent.payment_method));
  }
}

function run(ctx: SandboxContext, job: Job): void {
  runPricing(ctx, job);
  moneyJobs[job.kind]?.(ctx, job.id);
  const sub = ctx.store.find('subscription', job.id);
  const invoice = ctx.store.find('invoice', job.id);
  const session = ctx.store.find('checkout.session', job.id);
  if (sub !== undefined) subscriptionJobs[job.kind]?.(ctx, sub);
  if (invoice !== undefined && job.kind === 'invoice.finalize') finalizeDue(ctx, invoice, subscriptionOf(ctx, invoice));
  if (invoice !== undefined && job.kind === 'invoice.retry') retryDue(ctx, invoice);
  if (session?.status === 'open' && job.kind === 'checkout.expire') expireCheckoutSession(ctx, session);
}

/** Runs due jobs; a job may plan others that are due as well. Called from within itself it does nothing. */
function advance(ctx: SandboxContext): void {
  if (ctx.isCatchingUp()) return;
  const target = ctx.clockNow();
  for (let job = ctx.jobs.take(target); job !== null; job = ctx.jobs.take(target)) {
    const due = job;
    ctx.at(due.at, () => {
      run(ctx, due);
    });
  }
  releaseBalance(ctx);
}

function objectStore(ctx: SandboxContext): ObjectStore {
  return {
    get: (id) => structuredClone(ctx.store.any(id) ?? ctx.store.tombstone(id)),
    list: (objectType) => structuredClone(ctx.store.allNamed(objectType)),
    expandable: (id, field) => structuredClone(expandable(ctx, id, field)),
  };
}

/** A new Stripe, empty unless it goes on from a state. */
export function createStripeEngine(options: StripeEngineOptions): StripeEngine {
  const { state } = options;
  const ids = createIdGenerator(state?.ids ?? options.seed ?? randomInt(2 ** 32));
  const ctx = new SandboxContext(ids, options.clock, options.events, options.publicUrl);
  if (state !== undefined) {
    ctx.restore(state);
    bookEarlierCharges(ctx);
  }
  const current = (): void => {
    advance(ctx);
  };
  const routes = stripeRoutes(ctx).map((route): SandboxRoute => ({
    ...route,
    handle: (request) => {
      current();
      return structuredClone(route.handle(request));
    },
  }));
  return {
    store: objectStore(ctx),
    routes,
    advance: current,
    nextDue: () => ctx.jobs.nextDue(),
    checkout: checkoutPage(ctx, current),
    portal: portalPage(ctx, current),
    control: sandboxControl(ctx, current),
    save: () => ctx.save(),
  };
}

export type { CheckoutPage, CheckoutPayment, CheckoutResult, CheckoutView } from './checkout-page';
export type { CardFailure } from './card-input';
export { formatMoney } from './currencies';
export { testCards, type CardBehavior, type TestCard } from './cards';
export type { EngineState, SandboxSettings } from './context';
export { disputeReasons, type DisputeReason } from './dispute-reasons';
export { disputeOutcomes, type DisputeOutcome } from './disputes';
export { fraudTypes, type FraudType } from './fraud';
export type { PaymentReference } from './money-control';
export { payoutFailures, type PayoutFailure } from './payouts';
export type { SlippedIn, StatementBreak } from './statement-breaks';
export type { SandboxControl, SandboxSnapshot } from './control';
export type { PortalCardResult, PortalOffer, PortalPage, PortalPaymentResult, PortalView } from './portal-page';
