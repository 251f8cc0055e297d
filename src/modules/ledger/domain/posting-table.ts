import { FactKind } from '../../../shared/facts';

interface PostingSource {
  /** The one kind of fact it comes from. A snapshot that shows the same stands in for a fact that was lost. */
  fact: FactKind;
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
} as const satisfies Record<string, PostingSource>;

export type PostingType = keyof typeof POSTINGS;
