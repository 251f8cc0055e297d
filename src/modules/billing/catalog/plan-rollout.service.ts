import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Stored, SubscriptionFact } from '../../../shared/facts';
import { unavailable } from '../../../shared/app-error';
import { retryWhileBusy, tryLockAggregates, UnitOfWork, type Tx } from '../../../platform/database';
import { AggregatesFailedError, FactStoreRepository, objectKeyText, type ObjectKey } from '../../../platform/facts';
import { Outbox, type OutboxConsumer } from '../../../platform/outbox';
import { Sweepers } from '../../../platform/queue';
import { BILLING_EVENTS } from '../billing.events';
import type { Effects } from '../effects';
import { StorePurchases } from '../stores/store-purchases.service';
import { SubscriptionProjection, type ToldSubscription } from '../subscription-projection.service';
import { PlanRolloutRepository, type PlanSubscription, type Rollout } from './plan-rollout.repository';

const SWEEP_MS = 5_000;
/** Aggregates locked in one transaction. */
const BATCH = 20;
/** Of one delivery: other events wait behind it. What is left is the sweeper's. */
const BATCHES_AT_ONCE = 5;
/** Of one sweep, which a shutdown waits for. */
const BATCHES_PER_SWEEP = 100;

/**
 * Lets what a plan gives reach those who have it: its subscriptions are projected again from their facts, as if told anew,
 * which is also what a replay on the present catalog makes of them. In batches, each committed with how far it came.
 *
 * A fact that was being applied while the plan changed may have read the plan as it was. So the last round begins when
 * every transaction of that time has ended; the first need not wait for them, and does not.
 */
@Injectable()
export class PlanRollout implements OutboxConsumer, OnModuleInit {
  readonly name = 'plan-rollout';
  readonly types = [BILLING_EVENTS.planChanged];

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rollouts: PlanRolloutRepository,
    private readonly store: FactStoreRepository,
    private readonly subscriptions: SubscriptionProjection,
    private readonly purchases: StorePurchases,
    private readonly outbox: Outbox,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
    this.sweepers.register({ name: this.name, everyMs: SWEEP_MS, run: () => this.drain(BATCHES_PER_SWEEP) });
  }

  async handle(): Promise<void> {
    await this.drain(BATCHES_AT_ONCE);
  }

  /** Works until no plan is left, or what is left waits for others' transactions. @returns how many batches it made. */
  async drain(most: number): Promise<number> {
    for (let batches = 0; batches < most; batches += 1) {
      if (!(await retryWhileBusy(() => this.unitOfWork.service((tx) => this.pass(tx))))) return batches;
      this.outbox.wake();
    }
    return most;
  }

  private async pass(tx: Tx): Promise<boolean> {
    const rollout = await this.rollouts.take(tx);
    if (!rollout) return false;
    const batch = await this.rollouts.subscriptions(tx, rollout, BATCH);
    const ready = await this.locked(tx, batch);
    await this.project(tx, ready);
    await this.advance(tx, rollout, batch.length < BATCH && ready.length === batch.length, ready.at(-1)?.id);
    return true;
  }

  /** Those before the first whose aggregate somebody else works on. @throws TRY_AGAIN where that is the very first. */
  private async locked(tx: Tx, batch: readonly PlanSubscription[]): Promise<(PlanSubscription & ToldSubscription)[]> {
    const keyed = batch.map((one) => ({ ...one, key: keyOf(one) }));
    const aggregates = await this.store.aggregatesOf(
      tx,
      keyed.map(({ key }) => key),
    );
    const got = await tryLockAggregates(tx, [...new Set(aggregates.values())]);
    const told = keyed.map((one) => ({ ...one, aggregate: aggregates.get(objectKeyText(one.key)) ?? '', facts: [] }));
    const busy = told.findIndex(({ aggregate }) => aggregate !== '' && !got.has(aggregate));
    if (busy === 0) throw unavailable('TRY_AGAIN', 'A subscriber of the plan is being worked on', 1);
    return busy === -1 ? told : told.slice(0, busy);
  }

  private async project(tx: Tx, subscriptions: readonly ToldSubscription[]): Promise<void> {
    const facts = new Map<string, Stored<SubscriptionFact>[]>();
    for (const fact of await this.store.ofObjects(
      tx,
      subscriptions.map(({ key }) => key),
    )) {
      if (fact.objectType !== 'subscription') continue;
      const text = objectKeyText(fact);
      facts.set(text, [...(facts.get(text) ?? []), fact]);
    }
    const told = subscriptions.map((one) => ({ ...one, facts: facts.get(objectKeyText(one.key)) ?? [] }));
    const effects: Effects = { events: [], readAgain: [] };
    try {
      await this.subscriptions.project(tx, told, effects);
    } catch (error) {
      // Moved to a price that nobody knows, which was said when it was told: it holds up nobody else. Nothing is written yet.
      if (!(error instanceof AggregatesFailedError)) throw error;
      const known = told.filter(({ aggregate }) => !error.failures.has(aggregate));
      await this.subscriptions.project(tx, known, effects);
    }
    const occurredAt = this.clock.now();
    await this.outbox.append(
      tx,
      effects.events.map((event) => ({ ...event, occurredAt })),
    );
  }

  private async advance(
    tx: Tx,
    { planId, isLast }: Rollout,
    atEnd: boolean,
    position: string | undefined,
  ): Promise<void> {
    if (atEnd) await this.purchases.ofPlan(tx, planId);
    if (atEnd && isLast) await this.rollouts.finish(tx, planId);
    else if (atEnd) await this.rollouts.moveTo(tx, planId, '');
    else if (position !== undefined) await this.rollouts.moveTo(tx, planId, position);
  }
}

function keyOf({ provider, providerId }: PlanSubscription): ObjectKey {
  return { provider, objectType: 'subscription', objectId: providerId };
}
