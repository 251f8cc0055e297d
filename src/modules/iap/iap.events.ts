/** Domain events of this module; payloads hold ids and figures only. */
export const IAP_EVENTS = {
  /** OwnershipConflictPayload: somebody has shown a purchase that is another's. */
  ownershipConflict: 'iap.ownership_conflict',
  /** ProductAddedPayload: somebody has said what a store's product is. */
  productAdded: 'iap.product_added',
} as const;

export interface ProductAddedPayload {
  provider: string;
  productId: string;
}

export interface OwnershipConflictPayload {
  provider: string;
  /** The purchase as its store names it. */
  providerId: string;
  productId: string;
  /** Whose it is, by our id. */
  ownerId: string;
}
