import { Injectable } from '@nestjs/common';
import { orderFacts } from '../../../shared/fact-order';
import type { Provider, Stored, SubscriptionFact } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactStoreRepository } from '../../../platform/facts';
import { CatalogRepository, type PriceTerms } from '../catalog.repository';
import { graceOf, graceUntil, type FirstFailure } from '../domain/grace';
import { SUBSCRIPTION_ORDER } from '../domain/ranks';
import { withoutEchoes } from '../../../shared/reading-order';
import { InvoicesRepository } from '../invoices.repository';
import { SubscriptionProjection } from '../subscription-projection.service';
import { AccessHistoryRepository } from './access-history.repository';
import { accessSteps, endedBy, type AccessPoint, type AccessStep } from './domain/access-steps';

type SubFact = Stored<SubscriptionFact>;

/** A subscription of a customer, by our id and by the provider's. */
export interface SubscriptionOf {
  id: string;
  provider: Provider;
  providerId: string;
  customerId: string;
}

/** Tells what a subscription gave its customer at each moment: folded from its facts, as the grants are. */
@Injectable()
export class AccessHistory {
  constructor(
    private readonly store: FactStoreRepository,
    private readonly catalog: CatalogRepository,
    private readonly subscriptions: SubscriptionProjection,
    private readonly invoices: InvoicesRepository,
    private readonly repository: AccessHistoryRepository,
  ) {}

  /** From its beginning to now, oldest first. Empty where nothing was told of it. @param now business time */
  async of(tx: Tx, subscription: SubscriptionOf, now: Date): Promise<AccessStep[]> {
    const key = {
      provider: subscription.provider,
      objectType: 'subscription',
      objectId: subscription.providerId,
    } as const;
    const facts = (await this.store.ofObjects(tx, [key])).filter((fact) => fact.objectType === 'subscription');
    const last = facts.at(-1);
    if (!last) return [];
    const steps = accessSteps(await this.pointsOf(tx, facts), now);
    const told = { key, aggregate: last.aggregate, customerId: subscription.customerId, facts };
    const folded = (await this.subscriptions.fold(tx, [told])).map((one) => ({ ...one, row: { id: subscription.id } }));
    const [grants] = await this.subscriptions.grants(tx, folded);
    if (grants?.until !== null) return steps;
    // Whatever else gives none, the steps know; what is left is money that was given back.
    const backAt = await this.repository.moneyBackAt(tx, subscription.provider, subscription.providerId);
    return backAt === null ? steps : endedBy(steps, backAt);
  }

  private async pointsOf(tx: Tx, facts: readonly SubFact[]): Promise<AccessPoint[]> {
    const ordered = withoutEchoes(orderFacts(facts, SUBSCRIPTION_ORDER).facts, SUBSCRIPTION_ORDER);
    const provider = ordered[0]?.provider ?? 'stripe';
    const terms = await this.catalog.termsOf(tx, provider, [
      ...new Set(ordered.map(({ payload }) => payload.priceRef)),
    ]);
    const invoices = new Set(ordered.flatMap(({ payload }) => payload.latestInvoiceRef ?? []));
    return pointsOf(ordered, terms, await this.invoices.firstFailuresOf(tx, provider, [...invoices], 'all'));
  }
}

/** What it was after each fact. Of a plan that is none of ours nobody knows any grace. */
function pointsOf(
  ordered: readonly SubFact[],
  terms: ReadonlyMap<string, PriceTerms>,
  failures: ReadonlyMap<string, FirstFailure>,
): AccessPoint[] {
  let pastDueSince: Date | null = null;
  let wasPastDue = false;
  return ordered.map(({ occurredAt, payload }) => {
    const isPastDue = payload.status === 'past_due';
    if (isPastDue && !wasPastDue) pastDueSince = occurredAt;
    wasPastDue = isPastDue;
    const { planId = null, graceDays = 0 } = terms.get(payload.priceRef) ?? {};
    const failure = failures.get(payload.latestInvoiceRef ?? '') ?? null;
    return {
      at: occurredAt,
      planId,
      basis: {
        status: payload.status,
        currentPeriodEnd: new Date(payload.currentPeriodEnd),
        cancelAtPeriodEnd: payload.cancelAtPeriodEnd,
        cancelAt: payload.cancelAt === null ? null : new Date(payload.cancelAt),
        graceUntil: graceOf(payload) ?? graceUntil(failure, isPastDue ? pastDueSince : null, graceDays),
      },
    };
  });
}
