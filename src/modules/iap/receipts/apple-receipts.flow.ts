import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../platform/config';
import {
  AppleReader,
  AppleVerifier,
  AUTO_RENEWABLE,
  ownerOf,
  subscriptionReading,
  transactionReading,
  type AppleTransaction,
} from '../../../providers/apple';
import { refusing } from './refusing';
import type { StoreReceipt } from './store-receipt';
import { receiptInvalid, storeNotConfigured } from '../iap.errors';

/** As the app has it: what StoreKit signed, or just its number. */
export type AppleClaim = { signedTransaction: string } | { transactionId: string };

/** Turns what an app shows into what the App Store says of it now: an old transaction, however well signed, proves nothing. */
@Injectable()
export class AppleReceipts {
  constructor(
    private readonly config: AppConfig,
    private readonly verifier: AppleVerifier,
    private readonly reader: AppleReader,
  ) {}

  /** @throws RECEIPT_INVALID, PROVIDER_NOT_CONFIGURED, and what the App Store's failures are called. */
  async read(claim: AppleClaim): Promise<StoreReceipt> {
    const transaction = await this.current(claim);
    return refusing(() => this.receiptOf(transaction));
  }

  /** All that was ever bought by whoever bought this, each as it is now. @throws as `read`. */
  async readAll(claim: AppleClaim): Promise<StoreReceipt[]> {
    const { transactionId } = await this.current(claim);
    return refusing(async () => {
      const latest = new Map<string, AppleTransaction>();
      // The oldest comes first; of a subscription the last one stands for all, and brings its periods' money along.
      const history = await this.reader.history(transactionId);
      for (const one of history) latest.set(one.originalTransactionId, one);
      const receipts: StoreReceipt[] = [];
      for (const one of latest.values()) {
        const receipt = await this.receiptOf(one);
        const periods = history.filter((other) => other.originalTransactionId === one.originalTransactionId);
        receipts.push(withPeriods(receipt, periods));
      }
      return receipts;
    });
  }

  private async current(claim: AppleClaim): Promise<AppleTransaction> {
    if (!this.config.apple?.api) throw storeNotConfigured('apple');
    return refusing(async () => {
      const id =
        'transactionId' in claim
          ? claim.transactionId
          : (await this.verifier.transaction(claim.signedTransaction)).transactionId;
      const transaction = await this.reader.transaction(id);
      if (!transaction) throw receiptInvalid();
      return transaction;
    });
  }

  private async receiptOf(transaction: AppleTransaction): Promise<StoreReceipt> {
    const { originalTransactionId, productId } = transaction;
    const base = { store: 'apple', providerId: originalTransactionId } as const;
    const reading = transactionReading(transaction, sourceOf(transaction));
    if (transaction.type !== AUTO_RENEWABLE) {
      return { ...base, productId, ownerId: ownerOf(transaction), isSubscription: false, reading };
    }
    const told = await this.reader.subscription(originalTransactionId);
    if (!told) throw receiptInvalid();
    const { facts, aggregate } = subscriptionReading(told, sourceOf(told.transaction));
    const isLatest = told.transaction.transactionId === transaction.transactionId;
    return {
      ...{ ...base, productId: told.transaction.productId, isSubscription: true },
      ownerId: ownerOf(told.transaction) ?? ownerOf(transaction),
      reading: { aggregate, facts: isLatest ? facts : [...reading.facts, ...facts] },
    };
  }
}

/** With the money of every period, which notifications that were lost would have told. */
function withPeriods(receipt: StoreReceipt, periods: readonly AppleTransaction[]): StoreReceipt {
  const { aggregate, facts } = receipt.reading;
  const known = new Set(facts.map(({ objectType, objectId }) => `${objectType}:${objectId}`));
  const more = periods
    .flatMap((one) => transactionReading(one, sourceOf(one)).facts)
    .filter(({ objectType, objectId }) => !known.has(`${objectType}:${objectId}`));
  return { ...receipt, reading: { aggregate, facts: [...more, ...facts] } };
}

/** One reading of a transaction is one source: Apple dates it to the millisecond. */
function sourceOf({ transactionId, signedDate }: AppleTransaction): string {
  return `validate:${transactionId}:${signedDate}`;
}
