import { FactKind } from '../../../shared/facts';

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
}

/** Which fact each posting comes from. One posting, one fact, one key: arrival order and repetition cannot post it twice. */
export const POSTINGS = {
  'invoice.finalized': { fact: 'invoice.finalized', kind: 'finalized', after: [], undoneBy: [] },
  'invoice.paid': { fact: 'invoice.paid', kind: 'paid', after: ['invoice.finalized'], undoneBy: [] },
  'invoice.paid_elsewhere': {
    fact: 'invoice.snapshot',
    kind: 'paid_elsewhere',
    after: ['invoice.finalized'],
    undoneBy: [],
  },
  'invoice.voided': { fact: 'invoice.voided', kind: 'voided', after: ['invoice.finalized'], undoneBy: [] },
  'invoice.uncollectible': {
    fact: 'invoice.uncollectible',
    kind: 'uncollectible',
    after: ['invoice.finalized'],
    undoneBy: ['invoice.paid', 'invoice.voided'],
  },
  // Only a reading shows the movement on our balance with its fee.
  'charge.settled': { fact: 'charge.snapshot', kind: 'settled', after: [], undoneBy: [] },
  'refund.created': { fact: 'refund.created', kind: 'refunded', after: [], undoneBy: ['refund.failed'] },
  // Once for each movement on our balance, whichever of the dispute's facts shows it first.
  'dispute.withdrawn': { fact: 'dispute.withdrawn', kind: 'withdrawn', after: [], undoneBy: [] },
  'dispute.reinstated': { fact: 'dispute.reinstated', kind: 'reinstated', after: [], undoneBy: [] },
  // Once for each time it is lost.
  'dispute.lost': { fact: 'dispute.closed', kind: 'lost', after: ['dispute.withdrawn'], undoneBy: ['dispute.changed'] },
  'credit_note.issued': { fact: 'credit_note.created', kind: 'issued', after: [], undoneBy: ['credit_note.voided'] },
  'credit.granted': { fact: 'credit.granted', kind: 'granted', after: [], undoneBy: [] },
  'provider_payout.sent': {
    fact: 'provider_payout.created',
    kind: 'sent',
    after: [],
    undoneBy: ['provider_payout.failed', 'provider_payout.canceled'],
  },
  'provider_payout.arrived': {
    fact: 'provider_payout.paid',
    kind: 'arrived',
    after: ['provider_payout.sent'],
    undoneBy: ['provider_payout.failed'],
  },
  'revenue.released': { fact: 'time', kind: 'released', after: ['invoice.finalized'], undoneBy: [] },
} as const satisfies Record<string, PostingSource>;

export type PostingType = keyof typeof POSTINGS;
