import type { ReadResult } from '../../../providers/provider.port';
import type { Store } from '../domain/store';

/** A purchase as its store shows it this moment. */
export interface StoreReceipt {
  store: Store;
  /** What all of the purchase is told under: Apple's original transaction, Google's root token. */
  providerId: string;
  productId: string;
  /** Our customer it was made for, as the app said when it was made; null where it did not say. */
  ownerId: string | null;
  isSubscription: boolean;
  reading: ReadResult;
}
