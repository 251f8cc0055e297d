import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { InvoicesRepository, type Invoice } from '../invoices.repository';
import { SubscriptionsRepository, type Subscription } from '../subscriptions.repository';

/** What a customer has bought, and what of it is still to be paid; the newest first. */
export interface CustomerPurchases {
  /** Ended ones too. */
  subscriptions: Subscription[];
  openInvoices: Invoice[];
}

/** No more of either is shown. */
const MOST = 100;

/** Tells operators' pages about one customer. */
@Injectable()
export class CustomerBilling {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly invoices: InvoicesRepository,
  ) {}

  async purchasesOf(tx: Tx, customerId: string): Promise<CustomerPurchases> {
    return {
      subscriptions: await this.subscriptions.allOf(tx, customerId, MOST),
      openInvoices: await this.invoices.openOf(tx, customerId, MOST),
    };
  }
}
