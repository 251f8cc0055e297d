import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';
import { CustomerBilling, type CustomerPurchases } from '../../billing';
import { LedgerService, type CreditBalance } from '../../ledger';
import { CustomerPageRepository, type Account, type CurrencyTotals, type OpenTicket } from './customer-page.repository';
import type { FoundCustomer } from './customer-search.repository';
import { customerNotFound } from './customers.errors';
import type { TimelineEntry } from './domain/timeline-words';
import { explainAccess, type AccessExplanation } from './domain/why-access';
import { TimelineRepository } from './timeline.repository';

/** All that an operator sees of a customer at once. */
export interface CustomerPage extends CustomerPurchases {
  customer: FoundCustomer;
  accounts: Account[];
  credit: CreditBalance[];
  totals: CurrencyTotals[];
  access: AccessExplanation[];
  tickets: OpenTicket[];
}

/** Shows one customer to an operator. Who looked at whom is audited, in the transaction of the look. */
@Injectable()
export class CustomerPages {
  constructor(
    private readonly pages: CustomerPageRepository,
    private readonly timelines: TimelineRepository,
    private readonly billing: CustomerBilling,
    private readonly ledger: LedgerService,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws CUSTOMER_NOT_FOUND */
  async page(tx: Tx, customerId: string, actor: Actor): Promise<CustomerPage> {
    const customer = await this.seen(tx, customerId, actor, 'page');
    const at = this.clock.now();
    const features = await this.pages.grants(tx, customerId);
    return {
      customer,
      accounts: await this.pages.accounts(tx, customerId),
      ...(await this.billing.purchasesOf(tx, customerId)),
      credit: await this.ledger.creditOf(tx, customerId),
      totals: await this.pages.totals(tx, customerId),
      access: features.map((feature) => explainAccess(feature, at)),
      tickets: await this.pages.openTickets(tx, customerId),
    };
  }

  /** Newest first. @throws CUSTOMER_NOT_FOUND */
  async timeline(
    tx: Tx,
    customerId: string,
    { limit, after }: { limit: number; after: Keyset | undefined },
    actor: Actor,
  ): Promise<TimelineEntry[]> {
    await this.seen(tx, customerId, actor, 'timeline');
    return this.timelines.of(tx, customerId, limit, after);
  }

  private async seen(tx: Tx, customerId: string, actor: Actor, what: string): Promise<FoundCustomer> {
    const customer = await this.pages.customer(tx, customerId);
    if (!customer) throw customerNotFound(customerId);
    await this.audit.record(tx, {
      actor,
      action: 'customer.read',
      objectType: 'customer',
      objectId: customerId,
      customerId,
      after: { what },
    });
    return customer;
  }
}
