import type { Store } from '../../domain/store';

export const PRODUCT_KINDS = ['subscription', 'lifetime', 'consumable'] as const;
export type ProductKind = (typeof PRODUCT_KINDS)[number];
export const CYCLES = ['monthly', 'annual'] as const;
export type Cycle = (typeof CYCLES)[number];

/** What a purchase of a product gives, in the words of our catalog. */
export interface ProductTerms {
  /** Plan by its code, of subscriptions and of what is bought for life. */
  plan: string | null;
  billingCycle: Cycle | null;
  /** Feature by its key, and how much of it one piece adds, of consumables. */
  feature: string | null;
  quantity: number | null;
}

/** A store's product as we sell it. */
export interface IapProduct extends ProductTerms {
  store: Store;
  productId: string;
  kind: ProductKind;
  active: boolean;
  /** Something of it was bought: what it gives is history, and does not change. */
  used: boolean;
  createdAt: Date;
  updatedAt: Date;
}

const NEEDS: Readonly<Record<ProductKind, readonly (keyof ProductTerms)[]>> = {
  subscription: ['plan', 'billingCycle'],
  lifetime: ['plan'],
  consumable: ['feature', 'quantity'],
};
const TERMS = ['plan', 'billingCycle', 'feature', 'quantity'] as const;

/** Pure: what is missing of a kind's terms, and what it cannot have. Empty where they fit. */
export function termProblems(kind: ProductKind, terms: ProductTerms): { field: string; message: string }[] {
  return TERMS.flatMap((field) => {
    const needed = NEEDS[kind].includes(field);
    if (needed === (terms[field] !== null)) return [];
    return [{ field, message: needed ? `is needed for a ${kind}` : `has no meaning for a ${kind}` }];
  });
}

/**
 * Pure: whether a store can sell a kind under this id. Google bills by base plan, and says so in what it tells.
 * (developer.android.com/google/play/billing/subscriptions)
 */
export function isSoldAs(store: Store, kind: ProductKind, productId: string): boolean {
  return store === 'apple' || (kind === 'subscription') === /^[^:]+:[^:]+$/.test(productId);
}

/** Pure: whether what it gives would change. */
export function changesTerms(before: ProductTerms, after: ProductTerms): boolean {
  return TERMS.some((field) => before[field] !== after[field]);
}
