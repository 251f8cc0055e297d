import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';
import type { RedemptionState } from './domain/discount';
import type { Redemptions } from './discounts.repository';

/** A redemption that its purchase has not settled yet. */
export interface Hold {
  id: string;
  intentId: string;
  customerId: string;
  /** Kind and key of the purchase's intent. */
  kind: string;
  dedupeKey: string;
  /** The session or subscription at Stripe; null while the intent is open. */
  providerRef: string | null;
}

export interface Settlement {
  intentId: string;
  state: Exclude<RedemptionState, 'held'>;
}

/** Who takes a discount, and with which purchase. */
@Injectable()
export class RedemptionsRepository {
  constructor(private readonly clock: Clock) {}

  /** The caller holds the discount's lock and has looked. Twice for one intent is once. */
  async hold(tx: Tx, hold: { discountId: string; customerId: string; intentId: string }): Promise<void> {
    const at = this.clock.now();
    await tx.$executeRaw`
      INSERT INTO discount_redemptions (id, discount_id, customer_id, intent_id, state, held_at)
      VALUES (${newId('dred', this.clock.wall().getTime())}, ${hold.discountId}, ${hold.customerId}, ${hold.intentId}, 'held', ${at})
      ON CONFLICT (intent_id) DO NOTHING`;
  }

  /** Held or redeemed, but for what this customer holds: he gives it up, or goes on with it. */
  async taken(tx: Tx, discountId: string, customerId: string | null): Promise<number> {
    const rows = await tx.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int AS n FROM discount_redemptions
      WHERE discount_id = ${discountId} AND state <> 'released'
        AND NOT (state = 'held' AND customer_id IS NOT DISTINCT FROM ${customerId})`;
    return rows[0]?.n ?? 0;
  }

  async countsOf(tx: Tx, discountIds: readonly string[]): Promise<Map<string, Redemptions>> {
    const rows = await tx.$queryRaw<(Redemptions & { id: string })[]>`
      SELECT discount_id AS id, (count(*) FILTER (WHERE state = 'held'))::int AS held,
        (count(*) FILTER (WHERE state = 'redeemed'))::int AS redeemed
      FROM discount_redemptions WHERE discount_id = ANY (${discountIds}::text[]) AND state <> 'released' GROUP BY discount_id`;
    return new Map(rows.map(({ id, held, redeemed }) => [id, { held, redeemed }]));
  }

  /** What the customer's purchases under way hold of a discount. */
  async holdsOf(tx: Tx, discountId: string, customerId: string): Promise<Hold[]> {
    return tx.$queryRaw<Hold[]>`
      SELECT r.id, r.intent_id AS "intentId", r.customer_id AS "customerId", i.kind, i.dedupe_key AS "dedupeKey",
        CASE i.state WHEN 'succeeded' THEN i.provider_id END AS "providerRef"
      FROM discount_redemptions r JOIN provider_intents i ON i.id = r.intent_id
      WHERE r.discount_id = ${discountId} AND r.customer_id = ${customerId} AND r.state = 'held'`;
  }

  /** The discount a subscription was bought with. */
  async discountOf(tx: Tx, subscriptionId: string): Promise<string | null> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT r.discount_id AS id FROM discount_redemptions r JOIN subscriptions s ON s.intent_id = r.intent_id
      WHERE s.id = ${subscriptionId}`;
    return rows[0]?.id ?? null;
  }

  /** He has never paid anything, nor had a subscription that started, wherever he bought it. */
  async isFirstTime(tx: Tx, customerId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<{ known: boolean }[]>`
      SELECT EXISTS (SELECT FROM invoices WHERE customer_id = ${customerId} AND amount_paid > 0)
        OR EXISTS (SELECT FROM payments WHERE customer_id = ${customerId} AND status = 'succeeded')
        OR EXISTS (SELECT FROM subscription_changes c JOIN subscriptions s ON s.id = c.subscription_id
          WHERE s.customer_id = ${customerId} AND c.to_status NOT IN ('incomplete', 'incomplete_expired', 'canceled')) AS known`;
    return !(rows[0]?.known ?? false);
  }

  /** As the purchases' subscriptions stand. One statement. */
  async settle(tx: Tx, settlements: readonly Settlement[]): Promise<void> {
    if (settlements.length === 0) return;
    await tx.$executeRaw`
      UPDATE discount_redemptions r SET state = s.state, settled_at = ${this.clock.now()}
      FROM jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb) AS s ("intentId" text, state text)
      WHERE r.intent_id = s."intentId" AND r.state <> s.state`;
  }

  /** Purchases that came to nothing: what they still hold is free again. */
  async release(tx: Tx, intentIds: readonly string[]): Promise<void> {
    if (intentIds.length === 0) return;
    await tx.$executeRaw`
      UPDATE discount_redemptions SET state = 'released', settled_at = ${this.clock.now()}
      WHERE intent_id = ANY (${intentIds}::text[]) AND state = 'held'`;
  }

  /** Checkouts that must be over since `before`, and of whose end nobody has told us. */
  async overdue(tx: Tx, before: Date, limit: number): Promise<{ sessionRef: string; customerRef: string }[]> {
    return tx.$queryRaw`
      SELECT i.provider_id AS "sessionRef", i.params ->> 'customerRef' AS "customerRef"
      FROM discount_redemptions r JOIN provider_intents i ON i.id = r.intent_id
      WHERE r.state = 'held' AND r.held_at < ${before} AND i.kind = 'checkout.create' AND i.state = 'succeeded'
      ORDER BY r.held_at LIMIT ${limit}`;
  }
}
