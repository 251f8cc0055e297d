import { FactKind } from '../../../shared/facts';
import type { AccountCode } from './accounts';

interface PostingSource {
  /**
   * The one kind of fact it comes from; a snapshot that shows the same stands in for a fact that was lost. `time`: from none,
   * but from the passing of days.
   */
  fact: FactKind | 'time';
  /** Last part of the idempotency key. */
  kind: string;
  /** What has to be posted first, made from the same figures where its own fact has not arrived. */
  after: readonly string[];
  /** Facts after which it no longer holds: its reversal is posted too. */
  undoneBy: readonly FactKind[];
  /** Where its entries may stand. */
  accounts: readonly AccountCode[];
}

const INVOICED = ['customer.receivable', 'customer.credit', 'revenue.deferred', 'tax.payable'] as const;

/** Which fact each posting comes from. One posting, one fact, one key: arrival order and repetition cannot post it twice. */
export const POSTINGS = {
  'invoice.finalized': { fact: 'invoice.finalized', kind: 'finalized', after: [], undoneBy: [], accounts: INVOICED },
  'invoice.paid': {
    fact: 'invoice.paid',
    kind: 'paid',
    after: ['invoice.finalized'],
    undoneBy: [],
    accounts: ['stripe.clearing', 'apple.clearing', 'google.clearing', 'bank.clearing', 'customer.receivable'],
  },
  'invoice.paid_elsewhere': {
    fact: 'invoice.snapshot',
    kind: 'paid_elsewhere',
    after: ['invoice.finalized'],
    undoneBy: [],
    accounts: ['bank.clearing', 'stripe.clearing'],
  },
  'invoice.voided': {
    fact: 'invoice.voided',
    kind: 'voided',
    after: ['invoice.finalized'],
    undoneBy: [],
    accounts: INVOICED,
  },
  'invoice.uncollectible': {
    fact: 'invoice.uncollectible',
    kind: 'uncollectible',
    after: ['invoice.finalized'],
    undoneBy: ['invoice.paid', 'invoice.voided'],
    accounts: ['bad_debt.expense', 'customer.receivable'],
  },
  // Once for each sum that credit notes are seen to come to while it is given up, whichever of its facts shows it first.
  'invoice.uncollectible_credited': {
    fact: 'invoice.changed',
    kind: 'uncollectible_credited',
    after: ['invoice.finalized'],
    undoneBy: ['invoice.changed', 'invoice.paid', 'invoice.voided'],
    accounts: ['customer.receivable', 'bad_debt.expense'],
  },
  // Only a reading shows the movement on our balance with its fee.
  'charge.settled': {
    fact: 'charge.snapshot',
    kind: 'settled',
    after: [],
    undoneBy: [],
    accounts: ['fees.stripe', 'stripe.clearing', 'fx.clearing'],
  },
  'refund.created': {
    fact: 'refund.created',
    kind: 'refunded',
    after: [],
    undoneBy: ['refund.failed'],
    accounts: ['revenue.refunds', 'stripe.clearing', 'apple.clearing', 'google.clearing'],
  },
  // Estimated: the stores do not tell what they keep of one sale.
  'store_commission.taken': {
    fact: 'payment.succeeded',
    kind: 'commission',
    after: [],
    undoneBy: [],
    accounts: ['fees.apple', 'fees.google', 'apple.clearing', 'google.clearing'],
  },
  'store_commission.returned': {
    fact: 'refund.created',
    kind: 'commission_returned',
    after: ['refund.created'],
    undoneBy: ['refund.failed'],
    accounts: ['fees.apple', 'fees.google', 'apple.clearing', 'google.clearing'],
  },
  // Once for what it took and once for what came back. Only a reading shows these movements on our balance.
  'refund.exchanged': {
    fact: 'refund.snapshot',
    kind: 'exchanged',
    after: ['refund.created'],
    undoneBy: [],
    accounts: ['stripe.clearing', 'fx.clearing', 'fees.stripe'],
  },
  // Once for each movement on our balance, whichever of the dispute's facts shows it first.
  'dispute.withdrawn': {
    fact: 'dispute.withdrawn',
    kind: 'withdrawn',
    after: [],
    undoneBy: [],
    accounts: ['disputes.held', 'fees.stripe', 'stripe.clearing', 'fx.clearing'],
  },
  'dispute.reinstated': {
    fact: 'dispute.reinstated',
    kind: 'reinstated',
    after: [],
    undoneBy: [],
    accounts: ['disputes.held', 'fees.stripe', 'stripe.clearing', 'fx.clearing'],
  },
  // Once for each time it is lost.
  'dispute.lost': {
    fact: 'dispute.closed',
    kind: 'lost',
    after: ['dispute.withdrawn'],
    undoneBy: ['dispute.changed'],
    accounts: ['disputes.lost', 'disputes.held'],
  },
  'credit_note.issued': {
    fact: 'credit_note.created',
    kind: 'issued',
    after: [],
    undoneBy: ['credit_note.voided'],
    accounts: ['revenue.refunds', 'tax.payable', 'customer.receivable', 'customer.credit', 'bank.clearing'],
  },
  'credit.granted': {
    fact: 'credit.granted',
    kind: 'granted',
    after: [],
    undoneBy: [],
    accounts: ['credits.granted', 'customer.credit'],
  },
  'provider_payout.sent': {
    fact: 'provider_payout.created',
    kind: 'sent',
    after: [],
    undoneBy: ['provider_payout.failed', 'provider_payout.canceled'],
    accounts: ['payouts.transit', 'stripe.clearing'],
  },
  'provider_payout.arrived': {
    fact: 'provider_payout.paid',
    kind: 'arrived',
    after: ['provider_payout.sent'],
    undoneBy: ['provider_payout.failed'],
    accounts: ['bank.account', 'payouts.transit'],
  },
  // Once for each quote it was made with; another quote, or giving up, undoes it.
  'payout.reserved': {
    fact: 'fund_reservation.made',
    kind: 'reserved',
    after: [],
    undoneBy: ['fund_reservation.made', 'fund_reservation.released'],
    accounts: ['payouts.wise.reserved', 'wise.clearing'],
  },
  'transfer.funded': {
    fact: 'transfer.funded',
    kind: 'funded',
    after: [],
    undoneBy: [],
    accounts: ['payouts.wise.transit', 'fees.wise', 'payouts.wise.reserved'],
  },
  // Once for each time it was sent: banks send money back, and it may be sent again.
  'transfer.paid': {
    fact: 'transfer.changed',
    kind: 'disbursed',
    after: ['transfer.funded'],
    undoneBy: ['transfer.changed'],
    accounts: ['payouts.disbursed', 'fx.clearing', 'payouts.wise.transit'],
  },
  // Only a reading tells whether one that has ended was ever paid for, and what came back of it.
  'transfer.returned': {
    fact: 'transfer.snapshot',
    kind: 'returned',
    after: ['transfer.funded'],
    undoneBy: [],
    accounts: ['wise.clearing', 'fees.wise', 'payouts.wise.transit'],
  },
  'transfer.unfunded': {
    fact: 'transfer.ordered',
    kind: 'unfunded',
    after: [],
    undoneBy: [],
    accounts: ['wise.clearing', 'payouts.wise.reserved'],
  },
  'deposit.received': {
    fact: 'deposit.snapshot',
    kind: 'deposited',
    after: [],
    undoneBy: [],
    accounts: ['wise.clearing', 'bank.account'],
  },
  'revenue.released': {
    fact: 'time',
    kind: 'released',
    after: ['invoice.finalized'],
    undoneBy: [],
    accounts: ['revenue.deferred', 'revenue.subscription'],
  },
} as const satisfies Record<string, PostingSource>;

export type PostingType = keyof typeof POSTINGS;
