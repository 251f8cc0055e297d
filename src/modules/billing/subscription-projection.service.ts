import { Injectable } from '@nestjs/common';
import type { Provider, Stored, SubscriptionFact } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import { AggregatesFailedError, type ObjectKey, type OwnedAggregate } from '../../platform/facts';
import type { DomainEvent } from '../../platform/outbox';
import { CustomersService } from '../customers';
import { EntitlementsService, type GrantSet } from '../entitlements';
import { priceUnknown } from './billing.errors';
import { BILLING_EVENTS } from './billing.events';
import { CatalogRepository, type PriceTerms } from './catalog.repository';
import { redemptionOf } from './discounts/domain/discount';
import { RedemptionsRepository, type Settlement } from './discounts/redemptions.repository';
import { foldSubscription, type SubscriptionState } from './domain/fold-subscription';
import { graceOf, graceUntil } from './domain/grace';
import { accessUntil } from './domain/subscription-status';
import type { Effects } from './effects';
import { InvoicesRepository } from './invoices.repository';
import type { MirroredRow } from './mirrors/mirror-rows.repository';
import { MoneyBack, type PeriodMoney, type PeriodOf } from './money-back.repository';
import { SubscriptionsRepository, type ChangeRow, type SubscriptionMirror } from './subscriptions.repository';

/** A subscription with all its facts, and whose it is. */
export interface ToldSubscription extends OwnedAggregate {
  key: ObjectKey;
  facts: readonly Stored<SubscriptionFact>[];
}

/** A folded subscription with what the catalog gives for its price. */
export interface FoldedSubscription extends SubscriptionMirror, Pick<ToldSubscription, 'aggregate' | 'key'> {
  terms: PriceTerms;
  history: ChangeRow[];
  lastToldAt: Date;
}

/** Wise sells nothing. */
type Seller = Exclude<Provider, 'wise'>;

/** Mirror rows, histories and access of subscriptions, all functions of their facts and of their invoices' mirrors. */
@Injectable()
export class SubscriptionProjection {
  constructor(
    private readonly catalog: CatalogRepository,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly invoices: InvoicesRepository,
    private readonly money: MoneyBack,
    private readonly entitlements: EntitlementsService,
    private readonly customers: CustomersService,
    private readonly redemptions: RedemptionsRepository,
  ) {}

  /** @throws AggregatesFailedError: PRICE_UNKNOWN for a price that is not in the catalog. */
  async project(tx: Tx, told: readonly ToldSubscription[], effects: Effects): Promise<void> {
    const folded = await this.fold(tx, told);
    if (folded.length === 0) return;
    for (const { state, key, aggregate } of folded) if (state.undecided) effects.readAgain.push({ key, aggregate });
    const written = await this.subscriptions.mirror(tx, folded);
    await this.subscriptions.replaceHistories(
      tx,
      written.map(({ row, customerId, history }) => ({ subscriptionId: row.id, customerId, steps: history })),
    );
    await this.customers.markTrialsUsed(
      tx,
      written.flatMap(({ customerId, state: { trialSeenAt } }) =>
        trialSeenAt ? [{ customerId, at: trialSeenAt }] : [],
      ),
    );
    await this.redemptions.settle(tx, written.flatMap(settlementOf));
    const changed = await this.entitlements.set(tx, await this.grants(tx, written));
    effects.events.push(...written.flatMap((one) => subscriptionEvents(one, changed.has(one.row.id))));
  }

  /** Without writing anything. @throws as `project`. */
  async fold(tx: Tx, told: readonly ToldSubscription[]): Promise<FoldedSubscription[]> {
    const folded: FoldedSubscription[] = [];
    for (const provider of ['stripe', 'apple', 'google'] as const) {
      const states = told.flatMap((one) => {
        const state = one.key.provider === provider ? foldSubscription(one.facts) : null;
        return state ? [{ ...one, state }] : [];
      });
      if (states.length > 0) folded.push(...(await this.withTerms(tx, provider, states)));
    }
    return folded;
  }

  /** What each gives, as a function of it and of the money behind it. Without writing anything. */
  async grants(tx: Tx, all: readonly (FoldedSubscription & { row: { id: string } })[]): Promise<GrantSet[]> {
    const money = await this.money.ofPeriods(tx, all.map(periodOf));
    return all.map((one) => grantsOf(one, money.get(`${one.provider}:${one.providerId}`)));
  }

  private async withTerms(
    tx: Tx,
    provider: Seller,
    states: readonly (ToldSubscription & { state: SubscriptionState })[],
  ): Promise<FoldedSubscription[]> {
    const prices = await this.catalog.termsOf(tx, provider, [
      ...new Set(states.flatMap(({ state }) => priceRefsOf(state))),
    ]);
    // The latest invoice is what the status hangs on: one given up long ago must not use up the grace of a new failure.
    const behind = states.flatMap(({ state }) => (state.pastDueSince ? (state.payload.latestInvoiceRef ?? []) : []));
    const failures = await this.invoices.firstFailuresOf(tx, provider, behind, 'unpaid');
    const unknown = new Map<string, unknown>();
    const folded = states.flatMap(({ key, aggregate, customerId, facts, state }): FoldedSubscription[] => {
      const { priceRef, latestInvoiceRef } = state.payload;
      const terms = prices.get(priceRef);
      if (!terms) {
        unknown.set(aggregate, priceUnknown(priceRef));
        return [];
      }
      const failure = (state.pastDueSince && failures.get(latestInvoiceRef ?? '')) ?? null;
      return [
        {
          key,
          aggregate,
          provider,
          providerId: key.objectId,
          customerId,
          planId: terms.planId,
          priceId: terms.priceId,
          billingCycle: terms.billingCycle,
          state,
          graceUntil: graceOf(state.payload) ?? graceUntil(failure, state.pastDueSince, terms.graceDays),
          terms,
          history: historyRows(state, prices),
          lastToldAt: facts.at(-1)?.occurredAt ?? new Date(0),
        },
      ];
    });
    if (unknown.size > 0) throw new AggregatesFailedError(unknown);
    return folded;
  }
}

type Written = FoldedSubscription & { row: MirroredRow };

/** No access is no grants: they are revoked, not left to run out. */
function grantsOf(
  {
    row,
    provider,
    customerId,
    state: { payload },
    terms,
    graceUntil: grace,
  }: FoldedSubscription & { row: { id: string } },
  money: PeriodMoney | undefined,
): GrantSet {
  const periodEnd = new Date(payload.currentPeriodEnd);
  const basis = {
    status: payload.status,
    currentPeriodEnd: periodEnd,
    cancelAtPeriodEnd: payload.cancelAtPeriodEnd,
    cancelAt: payload.cancelAt === null ? null : new Date(payload.cancelAt),
    graceUntil: grace,
  };
  const until = money && isForfeited(money, terms) ? null : accessUntil(basis);
  return {
    source: provider as Seller,
    sourceId: row.id,
    customerId,
    features: until === null ? [] : terms.features,
    periodStart: new Date(payload.currentPeriodStart),
    periodEnd,
    until,
  };
}

/** What became of the discount it was bought with, told when its status has moved. */
function settlementOf({ state: { payload, history }, row: { formerStatus } }: Written): Settlement[] {
  if (payload.intentId === null || formerStatus === payload.status) return [];
  const state = redemptionOf([payload.status, ...history.map(({ toStatus }) => toStatus)]);
  return state ? [{ intentId: payload.intentId, state }] : [];
}

/** The plan says what becomes of access when its money was given back. */
function isForfeited({ refunded, disputed }: PeriodMoney, { refundAccess, disputeAccess }: PriceTerms): boolean {
  return (refunded && refundAccess === 'end') || (disputed && disputeAccess === 'suspend');
}

function periodOf({ provider, providerId, state: { payload } }: FoldedSubscription): PeriodOf {
  return { provider, providerId, since: payload.currentPeriodStart };
}

function subscriptionEvents(written: Written, accessChanged: boolean): DomainEvent[] {
  const { provider, providerId, customerId, lastToldAt: occurredAt } = written;
  const { id, formerStatus, changed } = written.row;
  const { status } = written.state.payload;
  const base = { objectType: 'subscription', objectId: id, customerId, occurredAt };
  const events: DomainEvent[] = [];
  if (changed) {
    const payload = { subscriptionId: id, status, formerStatus };
    events.push({ ...base, type: BILLING_EVENTS.subscriptionUpdated, payload });
  }
  if (accessChanged) {
    events.push({ ...base, type: BILLING_EVENTS.entitlementsUpdated, payload: { subscriptionId: id } });
  }
  // Each time: the card may have been confirmed meanwhile, of which nothing else here tells.
  if (provider === 'stripe' && status === 'trialing') {
    events.push({ ...base, type: BILLING_EVENTS.trialTold, payload: { subscriptionRef: providerId } });
  }
  return events;
}

function priceRefsOf(state: SubscriptionState): string[] {
  return [
    state.payload.priceRef,
    ...state.history.flatMap((step) => [step.fromPriceRef ?? step.toPriceRef, step.toPriceRef]),
  ];
}

/** Steps between prices we do not know are not history of ours. */
function historyRows(state: SubscriptionState, prices: ReadonlyMap<string, PriceTerms>): ChangeRow[] {
  return state.history.flatMap((step) => {
    const to = prices.get(step.toPriceRef);
    if (!to) return [];
    return [{ ...step, toPlanId: to.planId, fromPlanId: prices.get(step.fromPriceRef ?? '')?.planId ?? null }];
  });
}
