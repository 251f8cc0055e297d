/** Told by whoever changes grants; the customer's id stands beside it. */
export const ENTITLEMENTS_UPDATED = 'entitlements.updated';
