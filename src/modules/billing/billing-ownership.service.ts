import { Injectable } from '@nestjs/common';
import type { Fact, Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import { CustomersService } from '../customers';
import { customerUnknown } from './billing.errors';
import { CatalogRepository } from './catalog.repository';

/** Whose facts are: our customer's id, or nobody's of ours (a shared account has other tenants). */
export type Ownership = { kind: 'ours'; customerId: string } | { kind: 'foreign' };

/** Tells our objects from others' on a shared provider account. */
@Injectable()
export class BillingOwnership {
  constructor(
    private readonly customers: CustomersService,
    private readonly catalog: CatalogRepository,
  ) {}

  /** Whether a provider's customer, named by his aggregate, is linked to one of ours. */
  async isLinked(tx: Tx, provider: Provider, aggregate: string): Promise<boolean> {
    const customerRef = aggregate.slice(provider.length + 1);
    return (await this.customers.resolve(tx, provider, customerRef, null)) !== null;
  }

  /**
   * By the link of the provider's customer, else by our metadata.
   * @throws CUSTOMER_UNKNOWN (transient) for somebody unknown on a price of ours.
   */
  async ownerOf(tx: Tx, facts: readonly Fact[]): Promise<Ownership> {
    const [first] = facts;
    if (!first) return { kind: 'foreign' };
    const customerRef = first.aggregate.slice(first.provider.length + 1);
    const ownerId = facts.map(ownerIdOf).find((id) => id !== null) ?? null;
    const customerId = await this.customers.resolve(tx, first.provider, customerRef, ownerId);
    if (customerId) return { kind: 'ours', customerId };
    const priceRefs = facts.flatMap((fact) => (fact.objectType === 'subscription' ? [fact.payload.priceRef] : []));
    const ours = await this.catalog.knownPrices(tx, first.provider, priceRefs);
    if (ours.size > 0) throw customerUnknown(first.aggregate);
    return { kind: 'foreign' };
  }
}

function ownerIdOf(fact: Fact): string | null {
  return 'ownerId' in fact.payload ? fact.payload.ownerId : null;
}
