/** What only the sandbox's operator can do: cards that turn bad, the bank's answers, settings, a look at everything. */
import { answerAuthentication } from './collection';
import { declines, type CardBehavior } from './cards';
import type { SandboxContext, SandboxSettings } from './context';
import { invalidRequest, resourceMissing } from './errors';
import { onSetupSucceeded } from './lifecycle';
import { moneyControl, type MoneyControl } from './money-control';
import { planPayouts } from './payouts';
import { paymentControl, type PaymentControl } from './payment-control';
import { concludeSetupAuthentication } from './setup-intents';
import type { Job } from './scheduler';
import type { WireObjects } from './wire';

export interface SandboxSnapshot {
  /** Unix seconds of the sandbox's clock. */
  readonly now: number;
  readonly nextDue: number | null;
  readonly jobs: readonly Job[];
  readonly settings: SandboxSettings;
  readonly customers: readonly WireObjects['customer'][];
  readonly products: readonly WireObjects['product'][];
  readonly prices: readonly WireObjects['price'][];
  readonly subscriptions: readonly WireObjects['subscription'][];
  readonly invoices: readonly WireObjects['invoice'][];
  readonly paymentMethods: readonly (WireObjects['payment_method'] & { readonly behavior: CardBehavior })[];
  readonly checkoutSessions: readonly WireObjects['checkout.session'][];
  readonly coupons: readonly WireObjects['coupon'][];
  readonly promotionCodes: readonly WireObjects['promotion_code'][];
  readonly discounts: readonly WireObjects['discount'][];
  readonly schedules: readonly WireObjects['subscription_schedule'][];
  readonly taxIds: readonly WireObjects['tax_id'][];
  readonly charges: readonly WireObjects['charge'][];
  readonly refunds: readonly WireObjects['refund'][];
  readonly disputes: readonly WireObjects['dispute'][];
  readonly creditNotes: readonly WireObjects['credit_note'][];
  readonly reviews: readonly WireObjects['review'][];
  readonly earlyFraudWarnings: readonly WireObjects['radar.early_fraud_warning'][];
  readonly payouts: readonly WireObjects['payout'][];
  readonly balanceTransactions: readonly WireObjects['balance_transaction'][];
}

export interface SandboxControl {
  /** How a saved card behaves from now on. @throws 404 for an unknown card, 400 for an unknown behaviour */
  setCardBehavior(paymentMethodId: string, behavior: string): void;
  /** The same for every card of a customer; returns the ids. @throws 404 for an unknown customer */
  setCustomerCardsBehavior(customerId: string, behavior: string): string[];
  /** The cardholder's answer to a payment or setup intent that requires action. @throws 400 when it does not */
  authenticate(intentId: string, granted: boolean): void;
  configure(settings: Partial<SandboxSettings>): void;
  /** Copies of everything, newest first. */
  snapshot(): SandboxSnapshot;
  readonly cardBehaviors: readonly CardBehavior[];
  readonly payments: PaymentControl;
  readonly money: MoneyControl;
}

const behaviors = new Set<string>([
  'succeeds',
  ...Object.keys(declines),
  'authentication_required',
  'authentication_once',
  'authentication_on_session',
  'authenticated_then_insufficient_funds',
]);

function isBehavior(value: string): value is CardBehavior {
  return behaviors.has(value);
}

function setBehavior(ctx: SandboxContext, id: string, behavior: string): void {
  const state = ctx.cards.get(id);
  if (state === undefined) throw resourceMissing('payment_method', id, 'payment_method');
  if (!isBehavior(behavior)) {
    throw invalidRequest(`Unknown behavior ${behavior}; known are ${[...behaviors].join(', ')}.`, 'behavior');
  }
  state.behavior = behavior;
}

function authenticate(ctx: SandboxContext, intentId: string, granted: boolean): void {
  const payment = ctx.store.find('payment_intent', intentId);
  if (payment !== undefined) {
    answerAuthentication(ctx, payment, granted);
    return;
  }
  const setup = ctx.store.require('setup_intent', intentId, 'intent');
  const result = concludeSetupAuthentication(ctx, setup, granted);
  if (result.kind === 'success') onSetupSucceeded(ctx, setup);
}

function snapshot(ctx: SandboxContext): SandboxSnapshot {
  const newest = <T>(objects: T[]): T[] => structuredClone(objects.reverse());
  return {
    now: ctx.now(),
    nextDue: ctx.jobs.nextDue(),
    jobs: ctx.jobs.list(),
    settings: { ...ctx.settings },
    customers: newest(ctx.store.all('customer')),
    products: newest(ctx.store.all('product')),
    prices: newest(ctx.store.all('price')),
    subscriptions: newest(ctx.store.all('subscription')),
    invoices: newest(ctx.store.all('invoice')),
    paymentMethods: newest(ctx.store.all('payment_method')).map((method) => ({
      ...method,
      behavior: ctx.cards.get(method.id)?.behavior ?? 'succeeds',
    })),
    checkoutSessions: newest(ctx.store.all('checkout.session')),
    coupons: newest(ctx.store.all('coupon')),
    promotionCodes: newest(ctx.store.all('promotion_code')),
    discounts: newest(ctx.store.all('discount')),
    schedules: newest(ctx.store.all('subscription_schedule')),
    taxIds: newest(ctx.store.all('tax_id')),
    charges: newest(ctx.store.all('charge')),
    refunds: newest(ctx.store.all('refund')),
    disputes: newest(ctx.store.all('dispute')),
    creditNotes: newest(ctx.store.all('credit_note')),
    reviews: newest(ctx.store.all('review')),
    earlyFraudWarnings: newest(ctx.store.all('radar.early_fraud_warning')),
    payouts: newest(ctx.store.all('payout')),
    balanceTransactions: newest(ctx.store.all('balance_transaction')),
  };
}

/** `current` brings the engine up to the clock before anything is looked at. */
export function sandboxControl(ctx: SandboxContext, current: () => void): SandboxControl {
  return {
    cardBehaviors: [...behaviors].filter(isBehavior),
    payments: paymentControl(ctx, current),
    money: moneyControl(ctx, current),
    setCardBehavior: (id, behavior) => {
      current();
      setBehavior(ctx, id, behavior);
    },
    setCustomerCardsBehavior: (customerId, behavior) => {
      current();
      const customer = ctx.store.require('customer', customerId, 'customer');
      const own = ctx.store.linked('payment_method', customer.id).filter((card) => card.customer === customer.id);
      const ids = [...new Set(own.map((card) => card.id))];
      for (const id of ids) setBehavior(ctx, id, behavior);
      return ids;
    },
    authenticate: (intentId, granted) => {
      current();
      authenticate(ctx, intentId, granted);
    },
    configure: (settings) => {
      current();
      Object.assign(ctx.settings, settings);
      planPayouts(ctx);
    },
    snapshot: () => {
      current();
      return snapshot(ctx);
    },
  };
}
