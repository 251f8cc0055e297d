/** The account's balance: what came in, what went out and what it cost, each as one balance transaction. */
import type Stripe from 'stripe';
import { SECONDS_PER_DAY } from './calendar';
import { sequelOf } from './card-sequels';
import type { SandboxContext } from './context';
import type { BalanceTransactionObject, ChargeObject } from './wire';

export interface Booking {
  /** Minor units; negative for money that leaves. */
  readonly amount: number;
  readonly fee: number;
  readonly feeDescription?: string;
  readonly currency: string;
  /** From another currency into this one. */
  readonly exchangeRate?: number;
  readonly type: Stripe.BalanceTransaction.Type;
  readonly category: string;
  /** The object that moved the money; its id finds the transaction again. Null where none did. */
  readonly source: string | null;
  readonly description: string | null;
  /** Unix seconds from which the money can be paid out; now when left out or past. */
  readonly availableOn?: number;
}

/** Moves money on the balance. */
export function book(ctx: SandboxContext, booking: Booking): BalanceTransactionObject {
  const { amount, fee, currency, source } = booking;
  const now = ctx.now();
  const availableOn = Math.max(now, booking.availableOn ?? now);
  const details = { amount: fee, application: null, currency, type: 'stripe_fee' };
  const transaction: BalanceTransactionObject = {
    id: ctx.ids.next('txn_'),
    object: 'balance_transaction',
    amount,
    available_on: availableOn,
    balance_type: 'payments',
    created: now,
    currency,
    description: booking.description,
    exchange_rate: booking.exchangeRate ?? null,
    fee,
    fee_details: fee === 0 ? [] : [{ ...details, description: booking.feeDescription ?? 'Stripe processing fees' }],
    net: amount - fee,
    reporting_category: booking.category,
    source,
    status: availableOn > now ? 'pending' : 'available',
    type: booking.type,
  };
  if (transaction.status === 'pending') {
    ctx.unavailable.add(transaction.id);
    ctx.nextRelease = Math.min(ctx.nextRelease, availableOn);
  }
  if (source !== null) ctx.store.link('balance_transaction', source, transaction.id);
  ctx.store.link('balance_transaction', currency, transaction.id);
  planPayout(ctx, currency);
  return ctx.create(transaction, null);
}

/** What an amount of a payment comes to on the balance, which may be kept in another currency. */
export function settled(
  ctx: SandboxContext,
  amount: number,
  currency: string,
): Pick<Booking, 'amount' | 'currency' | 'exchangeRate'> {
  const { settlement } = ctx.settings;
  if (settlement === null || settlement.currency === currency) return { amount, currency };
  const { rate } = settlement;
  const exchanged = Math.sign(amount) * Math.round(Math.abs(amount) * rate);
  return { amount: exchanged, currency: settlement.currency, exchangeRate: rate };
}

/** What Stripe keeps of a charge, rounded half up. */
export function processingFee(ctx: SandboxContext, amount: number): number {
  const { feeBasisPoints, feeFixed } = ctx.settings;
  return Number((BigInt(amount) * BigInt(feeBasisPoints) + 5_000n) / 10_000n) + feeFixed;
}

/** Whether a charge was made with a card; other methods have their own names for the same movements. */
export function isCard(charge: ChargeObject): boolean {
  return charge.payment_method_details?.type === 'card';
}

function midnightAfter(moment: number, days: number): number {
  return (Math.floor(moment / SECONDS_PER_DAY) + days) * SECONDS_PER_DAY;
}

/**
 * Books a charge that has succeeded and is not booked yet: at once, or later where captures are asynchronous. The caller
 * announces the charge.
 */
export function bookCharge(ctx: SandboxContext, charge: ChargeObject): void {
  const delay = ctx.settings.captureDelaySeconds;
  const { dispute, warning } = sequelOf(charge);
  if (dispute !== undefined || warning === true) ctx.jobs.schedule('charge.aftermath', charge.id, ctx.now());
  if (delay === null) charge.balance_transaction = chargeTransaction(ctx, charge).id;
  else ctx.jobs.schedule('charge.book', charge.id, ctx.now() + delay);
}

/** The balance transaction of an asynchronous capture is there: `charge.updated` tells so. */
export function bookLate(ctx: SandboxContext, charge: ChargeObject): void {
  ctx.jobs.cancel('charge.book', charge.id);
  if (charge.balance_transaction !== null) return;
  ctx.update(charge, (target) => {
    target.balance_transaction = chargeTransaction(ctx, target).id;
  });
}

function chargeTransaction(ctx: SandboxContext, charge: ChargeObject): BalanceTransactionObject {
  const days = sequelOf(charge).available === true ? 0 : ctx.settings.availableAfterDays;
  const gross = settled(ctx, charge.amount_captured, charge.currency);
  return book(ctx, {
    ...gross,
    fee: processingFee(ctx, gross.amount),
    type: isCard(charge) ? 'charge' : 'payment',
    category: 'charge',
    source: charge.id,
    description: charge.description,
    availableOn: midnightAfter(ctx.now(), days),
  });
}

/** When money that was part of a charge can leave again: not before the charge's own. */
export function availableWith(ctx: SandboxContext, charge: ChargeObject): number {
  return ctx.store.find('balance_transaction', charge.balance_transaction)?.available_on ?? ctx.now();
}

/** Gives the charges of a world that had no balance yet their transactions. */
export function bookEarlierCharges(ctx: SandboxContext): void {
  for (const charge of ctx.store.all('charge')) {
    const known = ctx.store.find('balance_transaction', charge.balance_transaction) !== undefined;
    if (charge.balance_transaction === null || known) continue;
    charge.balance_transaction = chargeTransaction(ctx, charge).id;
  }
}

/** Marks what became available up to now. Called with every request, so it looks only when there is something. */
export function releaseBalance(ctx: SandboxContext): void {
  const now = ctx.now();
  if (now < ctx.nextRelease) return;
  ctx.nextRelease = Infinity;
  for (const id of ctx.unavailable) {
    const transaction = ctx.store.require('balance_transaction', id);
    if (transaction.available_on > now) {
      ctx.nextRelease = Math.min(ctx.nextRelease, transaction.available_on);
      continue;
    }
    transaction.status = 'available';
    ctx.unavailable.delete(id);
  }
}

/** Plans the next automatic payout, where there are any. */
export function planPayout(ctx: SandboxContext, currency: string): void {
  if (ctx.settings.payouts !== 'daily') return;
  ctx.jobs.schedule('payout.daily', currency, midnightAfter(ctx.now(), 1));
}

/** Transactions of a currency, oldest first. */
export function transactionsIn(ctx: SandboxContext, currency: string): BalanceTransactionObject[] {
  return ctx.store.linked('balance_transaction', currency);
}

function amounts(ctx: SandboxContext, currency: string): { available: number; pending: number } {
  const now = ctx.now();
  const sums = { available: 0, pending: 0 };
  for (const { net, available_on: availableOn } of transactionsIn(ctx, currency)) {
    sums[availableOn <= now ? 'available' : 'pending'] += net;
  }
  return sums;
}

/** What can be paid out in a currency now. */
export function availableIn(ctx: SandboxContext, currency: string): number {
  return amounts(ctx, currency).available;
}

/** Currencies that ever moved, in alphabetical order; the account's own one is always among them. */
export function currencies(ctx: SandboxContext): string[] {
  return [...new Set(['usd', ...ctx.store.all('balance_transaction').map(({ currency }) => currency)])].sort();
}

/** `GET /v1/balance`. */
export function balance(ctx: SandboxContext): Stripe.Balance {
  const sums = currencies(ctx).map((currency) => ({ currency, ...amounts(ctx, currency) }));
  const row = (amount: number, currency: string): Stripe.Balance.Available => ({
    amount,
    currency,
    source_types: { card: amount },
  });
  return {
    object: 'balance',
    available: sums.map(({ available, currency }) => row(available, currency)),
    livemode: false,
    pending: sums.map(({ pending, currency }) => row(pending, currency)),
    refund_and_dispute_prefunding: {
      available: sums.map(({ currency }) => row(0, currency)),
      pending: sums.map(({ currency }) => row(0, currency)),
    },
  };
}
