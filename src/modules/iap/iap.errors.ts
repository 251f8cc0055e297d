import { AppError, business, conflict, unavailable } from '../../shared/app-error';
import type { Store } from './domain/store';

/** The store does not know it, or it is not what a store signs for this app. */
export const receiptInvalid = (cause?: unknown): AppError =>
  new AppError({
    ...{ kind: 'business', code: 'RECEIPT_INVALID', cause },
    message: 'The receipt is not one that its store gave for this app',
  });

export const ownedByAnother = (): AppError =>
  conflict('RECEIPT_OWNED_BY_ANOTHER_USER', 'The purchase belongs to another user of the app; support can transfer it');

/** It is genuine and kept: what it gives is given once somebody says which plan the product is. */
export const unknownProduct = (productId: string): AppError =>
  business('UNKNOWN_PRODUCT', 'The product is not known here yet; the purchase is kept, and counts once it is', {
    productId,
  });

const NAMES: Readonly<Record<Store, string>> = { apple: 'The App Store', google: 'Google Play' };

export const storeNotConfigured = (store: Store): AppError =>
  unavailable('PROVIDER_NOT_CONFIGURED', `${NAMES[store]} is not configured on this installation`);
