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

/**
 * Pure: what something bought once gives. Credit adds to what else there is, so many times as pieces were bought; a plan for life
 * gives what the plan gives. Both until the money goes back: a part of it takes nothing away.
 */
export function purchaseGrants(purchase: Omit<StorePurchase, 'kind'> & { kind: OnceBought }): GrantSet {
  const { provider, invoiceId, customerId, kind, features, quantity, paidAt, refunded } = purchase;
  const additive = kind === 'consumable';
  const given = additive
    ? features.map(({ featureId, limit }) => ({ featureId, limit: (limit ?? 0n) * BigInt(quantity) }))
    : features;
  return {
    ...{ source: provider, sourceId: invoiceId, customerId, additive },
    features: refunded ? [] : given,
    ...{ periodStart: paidAt, periodEnd: null, until: null },
  };
}
