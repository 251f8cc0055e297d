import { Injectable } from '@nestjs/common';
import type { Stored, SubscriptionFact } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import type { ObjectKey, OwnedAggregate } from '../../platform/facts';
import { CustomersService } from '../customers';
import { EntitlementsService, type GrantSet } from '../entitlements';
import { priceUnknown } from './billing.errors';
import { BILLING_EVENTS } from './billing.events';
import { CatalogRepository, type KnownPrice, type PlanTerms } from './catalog.repository';
import { foldSubscription, type SubscriptionState } from './domain/fold-subscription';
import { graceUntil } from './domain/grace';
import { accessUntil } from './domain/subscription-status';
import type { Effects } from './effects';
import { InvoicesRepository } from './invoices.repository';
import { SubscriptionsRepository, type ChangeRow } from './subscriptions.repository';

/** Mirror row, history and access of one subscription, all functions of its facts and of its invoices' mirror. */
@Injectable()
export class SubscriptionProjection {
  constructor(
    private readonly catalog: CatalogRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly invoices: InvoicesRepository,
    private readonly entitlements: EntitlementsService,
    private readonly customers: CustomersService,
  ) {}

  /** @throws PRICE_UNKNOWN for a price that is not in the catalog. */
  async project(
    tx: Tx,
    owner: OwnedAggregate,
    objectId: string,
    facts: readonly Stored<SubscriptionFact>[],
    effects: Effects,
  ): Promise<void> {
    const state = foldSubscription(facts);
    const provider = facts[0]?.provider;
    // Wise sells nothing.
    if (!state || !provider || provider === 'wise') return;
    const key: ObjectKey = { provider, objectType: 'subscription', objectId };
    if (state.undecided) effects.readAgain.push(key);
    const prices = await this.catalog.knownPrices(tx, provider, priceRefsOf(state));
    const price = prices.get(state.payload.priceRef);
    if (!price) throw priceUnknown(state.payload.priceRef);
    const terms = await this.catalog.planTerms(tx, price.planId);
    // The latest invoice is what the status hangs on: one given up long ago must not use up the grace of a new failure.
    const { latestInvoiceRef } = state.payload;
    const firstFailedAt =
      state.pastDueSince && latestInvoiceRef
        ? await this.invoices.firstFailureOf(tx, provider, latestInvoiceRef)
        : null;
    const grace = graceUntil(firstFailedAt, state.pastDueSince, terms.graceDays);
    const mirrored = await this.subscriptions.mirror(tx, {
      provider,
      providerId: objectId,
      customerId: owner.customerId,
      planId: price.planId,
      priceId: price.priceId,
      billingCycle: price.billingCycle,
      state,
      graceUntil: grace,
    });
    await this.subscriptions.replaceHistory(tx, mirrored.id, owner.customerId, historyRows(state, prices));
    if (state.trialSeenAt) await this.customers.markTrialUsed(tx, owner.customerId, state.trialSeenAt);
    const accessChanged = await this.setAccess(
      tx,
      { source: provider, sourceId: mirrored.id, customerId: owner.customerId },
      state,
      terms,
      grace,
    );
    const base = {
      objectType: 'subscription',
      objectId: mirrored.id,
      customerId: owner.customerId,
      occurredAt: new Date(facts.at(-1)?.occurredAt ?? 0),
    };
    if (mirrored.formerStatus !== state.payload.status) {
      const payload = {
        subscriptionId: mirrored.id,
        status: state.payload.status,
        formerStatus: mirrored.formerStatus,
      };
      effects.events.push({ ...base, type: BILLING_EVENTS.subscriptionUpdated, payload });
    }
    if (accessChanged) {
      effects.events.push({
        ...base,
        type: BILLING_EVENTS.entitlementsUpdated,
        payload: { subscriptionId: mirrored.id },
      });
    }
  }

  /** No access is no grants: they are revoked, not left to run out. */
  private setAccess(
    tx: Tx,
    grantee: Pick<GrantSet, 'source' | 'sourceId' | 'customerId'>,
    state: SubscriptionState,
    terms: PlanTerms,
    grace: Date | null,
  ): Promise<boolean> {
    const { payload } = state;
    const periodEnd = new Date(payload.currentPeriodEnd);
    const until = accessUntil({
      status: payload.status,
      currentPeriodEnd: periodEnd,
      cancelAtPeriodEnd: payload.cancelAtPeriodEnd,
      cancelAt: payload.cancelAt === null ? null : new Date(payload.cancelAt),
      graceUntil: grace,
    });
    return this.entitlements.set(tx, {
      ...grantee,
      features: until === null ? [] : terms.features,
      periodStart: new Date(payload.currentPeriodStart),
      periodEnd,
      until,
    });
  }
}

function priceRefsOf(state: SubscriptionState): string[] {
  return [
    ...new Set([
      state.payload.priceRef,
      ...state.history.flatMap((step) => [step.fromPriceRef ?? step.toPriceRef, step.toPriceRef]),
    ]),
  ];
}

/** Steps between prices we do not know are not history of ours. */
function historyRows(state: SubscriptionState, prices: ReadonlyMap<string, KnownPrice>): ChangeRow[] {
  return state.history.flatMap((step) => {
    const to = prices.get(step.toPriceRef);
    if (!to) return [];
    return [{ ...step, toPlanId: to.planId, fromPlanId: prices.get(step.fromPriceRef ?? '')?.planId ?? null }];
  });
}
