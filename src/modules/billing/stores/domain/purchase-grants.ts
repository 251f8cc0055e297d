import { WHOLE_PIECE } from '../../../../shared/piece';
import type { GrantSet } from '../../../entitlements';

export type OnceBought = 'lifetime' | 'consumable';

/** Something bought once in a store, as its invoice shows it, and what our catalog gives for it. */
export interface StorePurchase {
  invoiceId: string;
  customerId: string;
  provider: 'apple' | 'google';
  /** The store's id of the invoice. */
  providerId: string;
  productId: string;
  /** Pieces. */
  quantity: number;
  /** Taken back by the store, in parts of a `WHOLE_PIECE`. */
  returned: number;
  paidAt: Date;
  /** All that was paid for it was given back. */
  refunded: boolean;
  /** Null for a product that nobody has told us of, or that is no such product. */
  kind: OnceBought | null;
  /** Code of the plan it gives for life. */
  plan: string | null;
  /** What one piece gives. */
  features: { featureId: string; limit: bigint | null }[];
}

/** Pure: whether nothing of it is the customer's any more. */
export function isTakenBack({
  refunded,
  returned,
  quantity,
}: Pick<StorePurchase, 'refunded' | 'returned' | 'quantity'>): boolean {
  return refunded || returned >= quantity * WHOLE_PIECE;
}

/**
 * Pure: what something bought once gives. Credit adds to what else there is, so many times as pieces were bought and not taken back; a
 * plan for life gives what the plan gives. Both until the money goes back: a part of it takes nothing away, unless the store says so.
 */
export function purchaseGrants(purchase: Omit<StorePurchase, 'kind'> & { kind: OnceBought }): GrantSet {
  const { provider, invoiceId, customerId, kind, features, quantity, returned, paidAt } = purchase;
  const additive = kind === 'consumable';
  const given = additive
    ? features.map(({ featureId, limit }) => ({ featureId, limit: creditOf(limit ?? 0n, quantity, returned) }))
    : features;
  return {
    ...{ source: provider, sourceId: invoiceId, customerId, additive },
    features: isTakenBack(purchase) ? [] : given,
    ...{ periodStart: paidAt, periodEnd: null, until: null },
  };
}

/** What is left of so many pieces, to the nearest whole one of what a piece gives. */
function creditOf(ofPiece: bigint, quantity: number, returned: number): bigint {
  const piece = BigInt(WHOLE_PIECE);
  const left = BigInt(quantity) * piece - BigInt(returned);
  return (ofPiece * left + piece / 2n) / piece;
}
