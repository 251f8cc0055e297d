import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider, SubscriptionStatus } from '../../shared/facts';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import type { BillingCycle } from './catalog.repository';
import { foldColumns } from '../../shared/fold-object';
import type { SubscriptionState, SubscriptionStep } from './domain/fold-subscription';
import { MirrorRows, type MirrorColumns, type MirroredRow } from './mirrors/mirror-rows.repository';

export interface Subscription {
  id: string;
  customerId: string;
  provider: 'stripe' | 'apple' | 'google';
  providerId: string;
  plan: { id: string; code: string; name: string };
  /** Our price, which may be one that is no longer sold; null in a store, whose prices are its own. */
  priceId: string | null;
  status: SubscriptionStatus;
  billingCycle: BillingCycle;
  quantity: number;
  amount: bigint;
  currency: string;
  currentPeriodStart: Date;
  currentPeriodEnd: Date;
  trialEndsAt: Date | null;
  cancelAtPeriodEnd: boolean;
  cancelAt: Date | null;
  canceledAt: Date | null;
  graceUntil: Date | null;
  createdAt: Date;
}

/** A folded subscription with what the catalog says about its price. */
export interface SubscriptionMirror {
  provider: Provider;
  providerId: string;
  customerId: string;
  planId: string;
  priceId: string | null;
  billingCycle: BillingCycle;
  state: SubscriptionState;
  graceUntil: Date | null;
}

export interface SubscriptionChange {
  at: Date;
  type: string;
  fromPlan: string | null;
  toPlan: string;
  fromStatus: string | null;
  toStatus: string;
  source: string;
}

/** A row of history with its plans resolved. */
export type ChangeRow = SubscriptionStep & { fromPlanId: string | null; toPlanId: string };

export interface History {
  subscriptionId: string;
  customerId: string;
  steps: readonly ChangeRow[];
}

/** Stripe's words for what may still be paid or used; anything else is history. */
const OPEN = ['incomplete', 'trialing', 'active', 'past_due', 'paused', 'unpaid'];

@Injectable()
export class SubscriptionsRepository {
  constructor(
    private readonly clock: Clock,
    private readonly rows: MirrorRows,
  ) {}

  /** The subscription the user has now: an open one before any ended one, the newest first. */
  async currentOfUser(tx: Tx, userId: string): Promise<Subscription | null> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name
      FROM subscriptions s JOIN plans p ON p.id = s.plan_id JOIN customers c ON c.id = s.customer_id
      WHERE c.user_id = ${userId} AND s.status <> 'incomplete_expired'
      ORDER BY s.status = ANY (${OPEN}) DESC, s.created_at DESC, s.id DESC LIMIT 1`;
    return rows[0] ? toSubscription(rows[0]) : null;
  }

  /** What a user is charged for by Stripe, whatever he has in a store beside it: the newest of those that have not ended. */
  async openAtStripe(tx: Tx, userId: string): Promise<Subscription | null> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name
      FROM subscriptions s JOIN plans p ON p.id = s.plan_id JOIN customers c ON c.id = s.customer_id
      WHERE c.user_id = ${userId} AND s.provider = 'stripe' AND s.status = ANY (${OPEN})
      ORDER BY s.created_at DESC, s.id DESC LIMIT 1`;
    return rows[0] ? toSubscription(rows[0]) : null;
  }

  /** All of a user's at whichever provider, ended ones too, newest first; what never began is none. */
  async ofUser(
    tx: Tx,
    userId: string,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Subscription[]> {
    const at = after?.createdAt ?? null;
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name
      FROM subscriptions s JOIN plans p ON p.id = s.plan_id JOIN customers c ON c.id = s.customer_id
      WHERE c.user_id = ${userId} AND s.status <> 'incomplete_expired'
        AND (${at}::timestamptz IS NULL OR (s.created_at, s.id) < (${at}, ${after?.id ?? null}))
      ORDER BY s.created_at DESC, s.id DESC LIMIT ${limit}`;
    return rows.map(toSubscription);
  }

  /** Open subscriptions of a customer, the newest first. */
  async openOf(tx: Tx, customerId: string): Promise<Subscription[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name FROM subscriptions s JOIN plans p ON p.id = s.plan_id
      WHERE s.customer_id = ${customerId} AND s.status = ANY (${OPEN}) ORDER BY s.created_at DESC, s.id DESC`;
    return rows.map(toSubscription);
  }

  /** All of a customer's, ended ones too, the newest first. */
  async allOf(tx: Tx, customerId: string, limit: number): Promise<Subscription[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name FROM subscriptions s JOIN plans p ON p.id = s.plan_id
      WHERE s.customer_id = ${customerId} ORDER BY s.created_at DESC, s.id DESC LIMIT ${limit}`;
    return rows.map(toSubscription);
  }

  async byId(tx: Tx, id: string): Promise<Subscription | null> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name FROM subscriptions s JOIN plans p ON p.id = s.plan_id
      WHERE s.id = ${id}`;
    return rows[0] ? toSubscription(rows[0]) : null;
  }

  async byProviderId(tx: Tx, provider: Provider, providerId: string): Promise<Subscription | null> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT s.*, p.code AS plan_code, p.name AS plan_name FROM subscriptions s JOIN plans p ON p.id = s.plan_id
      WHERE s.provider = ${provider} AND s.provider_id = ${providerId}`;
    return rows[0] ? toSubscription(rows[0]) : null;
  }

  async changesOf(tx: Tx, subscriptionId: string): Promise<SubscriptionChange[]> {
    return tx.$queryRaw<SubscriptionChange[]>`
      SELECT c.at, c.type, f.code AS "fromPlan", t.code AS "toPlan", c.from_status AS "fromStatus", c.to_status AS "toStatus", c.source
      FROM subscription_changes c LEFT JOIN plans f ON f.id = c.from_plan_id JOIN plans t ON t.id = c.to_plan_id
      WHERE c.subscription_id = ${subscriptionId} ORDER BY c.position DESC`;
  }

  /** Writes the mirror rows as the facts say them. One statement. */
  mirror<M extends SubscriptionMirror>(tx: Tx, mirrors: readonly M[]): Promise<(M & { row: MirroredRow })[]> {
    return this.rows.write(tx, 'subscription', mirrors, subscriptionRow);
  }

  /** Makes each history exactly this: a late fact may change what came before. One statement. */
  async replaceHistories(tx: Tx, histories: readonly History[]): Promise<void> {
    if (histories.length === 0) return;
    const at = this.clock.wall().getTime();
    const lengths = histories.map(({ subscriptionId, steps }) => ({ subscriptionId, length: steps.length }));
    const rows = histories.flatMap(({ subscriptionId, customerId, steps }) =>
      steps.map((step, position) => ({ ...step, id: newId('chg', at), subscriptionId, customerId, position })),
    );
    await tx.$executeRaw`
      WITH gone AS (
        DELETE FROM subscription_changes c
        USING jsonb_to_recordset(${JSON.stringify(lengths)}::jsonb) AS l ("subscriptionId" text, length int)
        WHERE c.subscription_id = l."subscriptionId" AND c.position >= l.length)
      INSERT INTO subscription_changes AS c (id, subscription_id, customer_id, fact_id, at, position, type, from_plan_id, to_plan_id,
        from_status, to_status, source)
      SELECT h.id, h."subscriptionId", h."customerId", h."factId", h.at, h.position, h.type, h."fromPlanId", h."toPlanId",
        h."fromStatus", h."toStatus", h.source
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS h (id text, "subscriptionId" text, "customerId" text, position int,
        "factId" text, at timestamptz, type text, "fromPlanId" text, "toPlanId" text, "fromStatus" text, "toStatus" text, source text)
      ON CONFLICT (subscription_id, position) DO UPDATE SET fact_id = EXCLUDED.fact_id, at = EXCLUDED.at, type = EXCLUDED.type,
        from_plan_id = EXCLUDED.from_plan_id, to_plan_id = EXCLUDED.to_plan_id, from_status = EXCLUDED.from_status,
        to_status = EXCLUDED.to_status, source = EXCLUDED.source
      WHERE (c.fact_id, c.type, c.at, c.from_plan_id, c.to_plan_id, c.from_status, c.to_status, c.source)
        IS DISTINCT FROM (EXCLUDED.fact_id, EXCLUDED.type, EXCLUDED.at, EXCLUDED.from_plan_id, EXCLUDED.to_plan_id,
          EXCLUDED.from_status, EXCLUDED.to_status, EXCLUDED.source)`;
  }
}

/** The columns that are a function of the subscription's facts, of its invoices', of the catalog and of whose it is. */
export function subscriptionRow(mirror: SubscriptionMirror): MirrorColumns {
  const { state } = mirror;
  const p = state.payload;
  return {
    customer_id: mirror.customerId,
    provider: mirror.provider,
    provider_id: mirror.providerId,
    plan_id: mirror.planId,
    price_id: mirror.priceId,
    status: p.status,
    provider_status: p.providerStatus,
    billing_cycle: mirror.billingCycle,
    quantity: p.quantity,
    // Text, because a JSON number would round beyond 2^53.
    amount: (BigInt(p.unitAmount) * BigInt(p.quantity)).toString(),
    currency: p.currency,
    current_period_start: p.currentPeriodStart,
    current_period_end: p.currentPeriodEnd,
    trial_ends_at: p.trialEndsAt,
    cancel_at_period_end: p.cancelAtPeriodEnd,
    cancel_at: p.cancelAt,
    canceled_at: p.canceledAt,
    ended_at: p.endedAt,
    grace_until: mirror.graceUntil,
    intent_id: p.intentId,
    provider_method_id: p.methodRef ?? null,
    created_at: p.createdAt,
    ...foldColumns(state),
  };
}

interface Row {
  id: string;
  customer_id: string;
  provider: Subscription['provider'];
  provider_id: string;
  plan_id: string;
  plan_code: string;
  plan_name: string;
  price_id: string | null;
  status: SubscriptionStatus;
  billing_cycle: BillingCycle;
  quantity: number;
  amount: bigint;
  currency: string;
  current_period_start: Date;
  current_period_end: Date;
  trial_ends_at: Date | null;
  cancel_at_period_end: boolean;
  cancel_at: Date | null;
  canceled_at: Date | null;
  grace_until: Date | null;
  created_at: Date;
}

function toSubscription(row: Row): Subscription {
  return {
    id: row.id,
    customerId: row.customer_id,
    provider: row.provider,
    providerId: row.provider_id,
    plan: { id: row.plan_id, code: row.plan_code, name: row.plan_name },
    priceId: row.price_id,
    status: row.status,
    billingCycle: row.billing_cycle,
    quantity: row.quantity,
    amount: row.amount,
    currency: row.currency,
    currentPeriodStart: row.current_period_start,
    currentPeriodEnd: row.current_period_end,
    trialEndsAt: row.trial_ends_at,
    cancelAtPeriodEnd: row.cancel_at_period_end,
    cancelAt: row.cancel_at,
    canceledAt: row.canceled_at,
    graceUntil: row.grace_until,
    createdAt: row.created_at,
  };
}
