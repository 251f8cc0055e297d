import { Injectable } from '@nestjs/common';
import { customerRefOf, HOUSE_ACCOUNT } from '../../shared/aggregate';
import type { Fact, Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import type { Ownership } from '../../platform/facts';
import { CustomersService } from '../customers';
import { CatalogRepository } from './catalog.repository';

/** What was told of one provider's customer. */
export interface Told {
  aggregate: string;
  facts: readonly Fact[];
}

const NOBODY: Ownership = { kind: 'foreign' };

/** Tells our objects from others' on a shared provider account. */
@Injectable()
export class BillingOwnership {
  constructor(
    private readonly customers: CustomersService,
    private readonly catalog: CatalogRepository,
  ) {}

  /** Whether a provider's customer, named by his aggregate, is linked to one of ours. */
  async isLinked(tx: Tx, provider: Provider, aggregate: string): Promise<boolean> {
    const providerId = customerRefOf(aggregate);
    return (await this.customers.resolve(tx, provider, [{ providerId, ownerId: null }])).size > 0;
  }

  /**
   * Believes the provider's word on whose its customer is. The caller holds the aggregate's lock.
   * @returns false where there is no such customer of ours.
   */
  async claim(tx: Tx, provider: Provider, aggregate: string, ownerId: string): Promise<boolean> {
    const providerId = customerRefOf(aggregate);
    return (await this.customers.resolve(tx, provider, [{ providerId, ownerId }])).size > 0;
  }

  /**
   * By the link of the provider's customer, else by our metadata; in as many statements for many as for one. The caller
   * holds the locks of all.
   */
  async ownersOf(tx: Tx, told: readonly Told[]): Promise<Map<string, Ownership>> {
    const owners = new Map<string, Ownership>(told.map(({ aggregate }) => [aggregate, NOBODY]));
    for (const [provider, group] of byProvider(told)) {
      const claims = group.map(({ aggregate, facts }) => ({
        providerId: customerRefOf(aggregate),
        ownerId: facts.map(ownerIdOf).find((id) => id !== null) ?? null,
      }));
      const known = await this.customers.resolve(tx, provider, claims);
      const strangers: Told[] = [];
      for (const one of group) {
        if (customerRefOf(one.aggregate) === HOUSE_ACCOUNT) {
          owners.set(one.aggregate, { kind: 'ours', customerId: HOUSE_ACCOUNT });
          continue;
        }
        const customerId = known.get(customerRefOf(one.aggregate));
        if (customerId === undefined) strangers.push(one);
        else owners.set(one.aggregate, { kind: 'ours', customerId });
      }
      const ours = await this.catalog.ours(tx, provider, strangers.flatMap(priceRefsOf));
      for (const stranger of strangers) {
        if (priceRefsOf(stranger).some((ref) => ours.has(ref))) owners.set(stranger.aggregate, { kind: 'unknown' });
      }
    }
    return owners;
  }
}

function byProvider(told: readonly Told[]): Map<Provider, Told[]> {
  const groups = new Map<Provider, Told[]>();
  for (const one of told) {
    const provider = one.facts[0]?.provider;
    if (provider) groups.set(provider, [...(groups.get(provider) ?? []), one]);
  }
  return groups;
}

function ownerIdOf(fact: Fact): string | null {
  return 'ownerId' in fact.payload ? fact.payload.ownerId : null;
}

/** What is paid for: a stranger's purchase of what only we sell is not a stranger's. */
function priceRefsOf({ facts }: Told): string[] {
  return facts.flatMap((fact) => {
    if (fact.objectType === 'subscription') return [fact.payload.priceRef];
    if (fact.objectType === 'invoice') return fact.payload.lines.flatMap(({ priceRef }) => priceRef ?? []);
    return [];
  });
}
