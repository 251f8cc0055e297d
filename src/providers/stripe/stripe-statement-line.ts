import type Stripe from 'stripe';
import { aggregateOf, HOUSE_ACCOUNT } from '../../shared/aggregate';
import type { MovementKind, StatementLine } from '../../shared/statement-line';
import { disputeStatusOf } from './stripe-money-objects';
import { refOf } from './stripe-objects';

/** By Stripe's `type` (docs.stripe.com/reports/balance-transaction-types); bank debits have names of their own. */
const KINDS: ReadonlyMap<string, MovementKind> = new Map([
  ['charge', 'charge'],
  ['payment', 'charge'],
  ['refund', 'refund'],
  ['payment_refund', 'refund'],
  ['refund_failure', 'refund_failure'],
  ['payment_failure_refund', 'refund_failure'],
  ['payout', 'payout'],
  ['payout_failure', 'payout_failure'],
  ['payout_cancel', 'payout_failure'],
  ['stripe_fee', 'fee'],
  ['stripe_fx_fee', 'fee'],
  ['tax_fee', 'fee'],
  ['network_cost', 'fee'],
]);

/** Pure: a balance transaction with its source expanded. */
export function toStatementLine(movement: Stripe.BalanceTransaction): StatementLine {
  const kind = kindOf(movement);
  const source = typeof movement.source === 'object' ? movement.source : null;
  return {
    ref: movement.id,
    kind,
    objectRef: refOf(movement.source),
    paymentRef: kind === 'charge' && source?.object === 'charge' ? refOf(source.payment_intent) : null,
    aggregate: ownerIn(kind, source),
    status: statusOf(kind, source),
    gross: BigInt(movement.amount),
    fee: BigInt(movement.fee),
    net: BigInt(movement.net),
    currency: movement.currency.toUpperCase(),
    createdAt: new Date(movement.created * 1000),
    availableAt: new Date(movement.available_on * 1000),
  };
}

function kindOf({ type, net, source }: Stripe.BalanceTransaction): MovementKind {
  const isDispute = typeof source === 'object' && source?.object === 'dispute';
  if (isDispute) return net < 0 ? 'dispute' : 'dispute_reversal';
  return KINDS.get(type) ?? 'other';
}

type Source = Stripe.BalanceTransactionSource | null;

function ownerIn(kind: MovementKind, source: Source): string | null {
  if (kind === 'payout' || kind === 'payout_failure') return aggregateOf('stripe', HOUSE_ACCOUNT);
  const customer = source?.object === 'charge' ? refOf(source.customer) : null;
  return customer === null ? null : aggregateOf('stripe', customer);
}

/** Only of the movement that the object begins with: what it came to is said once. */
function statusOf(kind: MovementKind, source: Source): string | null {
  if (kind === 'refund' && source?.object === 'refund') return source.status;
  if (kind === 'payout' && source?.object === 'payout') return source.status;
  if (kind === 'dispute' && source?.object === 'dispute') return disputeStatusOf(source.status) ?? null;
  return null;
}
