import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import { CustomersRepository, type Customer } from './customers.repository';

@Injectable()
export class CustomersService {
  constructor(
    private readonly customers: CustomersRepository,
    private readonly clock: Clock,
  ) {}

  /** The user's customer, made on his first write. */
  ensure(tx: Tx, user: { id: string; email: string | null }): Promise<Customer> {
    const at = this.clock.wall();
    return this.customers.ensure(tx, { id: newId('cust', at.getTime()), userId: user.id, email: user.email, at });
  }

  byUser(tx: Tx, userId: string): Promise<Customer | null> {
    return this.customers.byUser(tx, userId);
  }

  async emailOf(tx: Tx, customerId: string): Promise<string | null> {
    return (await this.customers.byId(tx, customerId))?.email ?? null;
  }

  /** The customer's id at a provider; null until he has one there. */
  accountOf(tx: Tx, customerId: string, provider: Provider): Promise<string | null> {
    return this.customers.accountOf(tx, customerId, provider);
  }

  link(tx: Tx, provider: Provider, providerId: string, customerId: string): Promise<void> {
    return this.customers.link(tx, provider, providerId, customerId, this.clock.wall());
  }

  markTrialUsed(tx: Tx, customerId: string, at: Date): Promise<void> {
    return this.customers.markTrialUsed(tx, customerId, at);
  }

  /**
   * Whose a provider's customer is. An object that carries our metadata proves it where the link was lost between the
   * provider's answer and our commit, and mends the link.
   * @param ownerId our customer's id as the object's metadata says; null where it says nothing.
   * @returns null where nobody of ours is known under it.
   */
  async resolve(tx: Tx, provider: Provider, providerId: string, ownerId: string | null): Promise<string | null> {
    const linked = await this.customers.ownerOf(tx, provider, providerId);
    if (linked || !ownerId) return linked;
    const named = await this.customers.byId(tx, ownerId);
    if (!named) return null;
    await this.link(tx, provider, providerId, named.id);
    return named.id;
  }
}
