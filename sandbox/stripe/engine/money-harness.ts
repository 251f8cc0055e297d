/** What the specs of money share: paid charges, and what the balance says of them. */
import type Stripe from 'stripe';
import { StripeSandboxError } from '../contract';
import { customerWith, type Harness } from './harness';
import type { BalanceTransactionObject, ChargeObject, RefundObject, WireList } from './wire';

/** All charges, newest first. */
export function charges(h: Harness): ChargeObject[] {
  return (h.call('GET', '/v1/charges', { limit: 100 }) as WireList<ChargeObject>).data;
}

export function chargeNow(h: Harness, id: string): ChargeObject {
  return h.call('GET', `/v1/charges/${id}`) as ChargeObject;
}

/** A payment by a card that works. */
export function pay(h: Harness, amount: number, currency = 'usd'): ChargeObject {
  const { customer, card } = customerWith(h, 'pm_card_visa');
  h.call('POST', '/v1/payment_intents', {
    amount,
    currency,
    customer: customer.id,
    payment_method: card,
    confirm: true,
    off_session: true,
  });
  const [latest] = charges(h);
  if (latest === undefined) throw new Error('no charge');
  return latest;
}

export function refund(h: Harness, charge: ChargeObject, more: object = {}): RefundObject {
  return h.call('POST', '/v1/refunds', { charge: charge.id, ...more }) as RefundObject;
}

export function transaction(h: Harness, id: string | null | undefined): BalanceTransactionObject {
  return h.call('GET', `/v1/balance_transactions/${id ?? ''}`) as BalanceTransactionObject;
}

/** Available and pending together, in US dollars. */
export function balanceOf(h: Harness): number {
  const balance = h.call('GET', '/v1/balance') as Stripe.Balance;
  return [...balance.available, ...balance.pending]
    .filter(({ currency }) => currency === 'usd')
    .reduce((total, { amount }) => total + amount, 0);
}

/** Stripe's error code of what is refused with a 400; null where the error has none. */
export function refusal(work: () => unknown): string | null {
  try {
    work();
  } catch (error) {
    if (error instanceof StripeSandboxError && error.status === 400) return error.error.code ?? null;
    throw error;
  }
  throw new Error('it was not refused');
}
