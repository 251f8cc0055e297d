import { Injectable } from '@nestjs/common';
import { aggregateOf } from '../../shared/aggregate';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import { InboxRepository } from '../../platform/inbox';
import { CustomersRepository, type Customer, type TrialUse } from './customers.repository';

@Injectable()
export class CustomersService {
  constructor(
    private readonly customers: CustomersRepository,
    private readonly clock: Clock,
    private readonly inbox: InboxRepository,
  ) {}

  /** The user's customer, made on his first write. */
  ensure(tx: Tx, user: { id: string; email: string | null }): Promise<Customer> {
    const at = this.clock.wall();
    return this.customers.ensure(tx, { id: newId('cust', at.getTime()), userId: user.id, email: user.email, at });
  }

  byUser(tx: Tx, userId: string): Promise<Customer | null> {
    return this.customers.byUser(tx, userId);
  }

  byId(tx: Tx, id: string): Promise<Customer | null> {
    return this.customers.byId(tx, id);
  }

  async emailOf(tx: Tx, customerId: string): Promise<string | null> {
    return (await this.customers.byId(tx, customerId))?.email ?? null;
  }

  /** The customer's id at a provider; null until he has one there. */
  accountOf(tx: Tx, customerId: string, provider: Provider): Promise<string | null> {
    return this.customers.accountOf(tx, customerId, provider);
  }

  /**
   * Says whose a provider's customer is. What was ignored of him while nobody knew is taken up again, so the caller holds
   * the lock of his aggregate: a worker may just be ignoring one more.
   */
  async link(tx: Tx, provider: Provider, providerId: string, customerId: string): Promise<void> {
    await this.customers.link(tx, provider, providerId, customerId, this.clock.wall());
    await this.inbox.reviveForeign(tx, aggregateOf(provider, providerId));
  }

  /** Says that it is another's from now on, whoever bought it. The caller holds the lock of its aggregate. */
  relink(tx: Tx, provider: Provider, providerId: string, customerId: string): Promise<void> {
    return this.customers.relink(tx, provider, providerId, customerId);
  }

  /** The customer behind a provider's; null where nobody of ours is. */
  async ownerOf(tx: Tx, provider: Provider, providerId: string): Promise<string | null> {
    return (await this.customers.ownersOf(tx, provider, [providerId])).get(providerId) ?? null;
  }

  markTrialsUsed(tx: Tx, trials: readonly TrialUse[]): Promise<void> {
    return this.customers.markTrialsUsed(tx, trials);
  }

  /**
   * Whose a provider's customers are. An object that carries our metadata proves it where the link was lost between the
   * provider's answer and our commit, and mends the link. The caller holds the locks of their aggregates.
   * @returns customers of ours by the provider's ids; nobody is known under those left out.
   */
  async resolve(tx: Tx, provider: Provider, claims: readonly OwnerClaim[]): Promise<Map<string, string>> {
    const owners = await this.customers.ownersOf(
      tx,
      provider,
      claims.map(({ providerId }) => providerId),
    );
    for (const { providerId, ownerId } of claims) {
      if (ownerId === null || owners.has(providerId)) continue;
      const named = await this.customers.byId(tx, ownerId);
      if (!named) continue;
      await this.link(tx, provider, providerId, named.id);
      owners.set(providerId, named.id);
    }
    return owners;
  }
}

export interface OwnerClaim {
  /** The customer's id at the provider. */
  providerId: string;
  /** Our customer's id as an object's metadata says; null where it says nothing. */
  ownerId: string | null;
}
