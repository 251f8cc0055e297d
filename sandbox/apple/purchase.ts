import type { Offer } from './products';

/** What a customer buys, and how. */
export interface Purchase {
  readonly productId: string;
  /** The Apple account that buys; by default one of its own for each purchase. */
  readonly account?: string;
  readonly appAccountToken?: string;
  readonly currency?: string;
  readonly storefront?: string;
  readonly quantity?: number;
  /** `none` takes no introductory offer although there is one. */
  readonly offer?: 'intro' | 'none' | (Offer & { readonly type: 'promotional' | 'code' | 'winback' });
}
