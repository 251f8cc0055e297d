import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { StoreBilling, type Subscription } from '../../billing';
import { doublePayments, type DoublePayment } from './domain/double-payments';

/** Who pays twice for what once would do: a store neither knows of Stripe nor of the other store. */
@Injectable()
export class DoublePayments {
  constructor(private readonly billing: StoreBilling) {}

  async of(tx: Tx, customerId: string): Promise<DoublePayment<Subscription>[]> {
    return doublePayments(await this.billing.paidOf(tx, customerId));
  }
}
