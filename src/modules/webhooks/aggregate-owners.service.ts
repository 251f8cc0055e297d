import { Injectable } from '@nestjs/common';
import { aggregateOf } from '../../shared/aggregate';
import type { Fact, Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import type { Ownership } from '../../platform/facts';
import { BillingOwnership } from '../billing';
import { PayoutOwnership } from '../payouts';

/** What was told under one aggregate. */
interface Told {
  aggregate: string;
  facts: readonly Fact[];
}

const isOfPayouts = (provider: Provider): boolean => provider === 'wise';
/** By its name: where a reading found nothing new, no fact says so. */
const isHeldForPayouts = ({ aggregate }: Told): boolean => aggregate.startsWith(aggregateOf('wise', ''));

/** Whose what was told is, asked of the module whose objects they are: customers' of billing, our own transfers of payouts. */
@Injectable()
export class AggregateOwners {
  constructor(
    private readonly billing: BillingOwnership,
    private readonly payouts: PayoutOwnership,
  ) {}

  /** In as many statements for many as for one. The caller holds the locks of all. */
  async ownersOf(tx: Tx, told: readonly Told[]): Promise<Map<string, Ownership>> {
    const transfers = told.filter(isHeldForPayouts);
    const others = told.filter((one) => !isHeldForPayouts(one));
    const owners = await this.billing.ownersOf(tx, others);
    if (transfers.length === 0) return owners;
    const ours = await this.payouts.ownersOf(
      tx,
      transfers.map(({ aggregate }) => aggregate),
    );
    return new Map([...owners, ...ours]);
  }

  async isLinked(tx: Tx, provider: Provider, aggregate: string): Promise<boolean> {
    if (!isOfPayouts(provider)) return this.billing.isLinked(tx, provider, aggregate);
    return (await this.payouts.ownersOf(tx, [aggregate])).get(aggregate)?.kind === 'ours';
  }

  /** Believes the provider's word on whose its customer is; a transfer is ours by its key alone. The caller holds the lock. */
  claim(tx: Tx, provider: Provider, aggregate: string, ownerId: string): Promise<boolean> {
    return isOfPayouts(provider) ? Promise.resolve(false) : this.billing.claim(tx, provider, aggregate, ownerId);
  }
}
