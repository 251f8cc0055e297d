import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import { CONTESTED_STATUSES } from './disputes/domain/fold-dispute';
import { COUNTED_STATUSES } from './refunds/domain/fold-refund';

/** A payment or an invoice that was told of, or whose refund or dispute was. */
export interface TouchedMoney {
  provider: Provider;
  aggregate: string;
  /** The ids at the provider, one of them null. */
  paymentRef: string | null;
  invoiceRef: string | null;
}

/** A subscription whose access may hang on money that was given back. */
export interface SubscriptionBehind {
  provider: Provider;
  providerId: string;
  aggregate: string;
  customerId: string;
}

/** A subscription and the begin of its current period. */
export interface PeriodOf {
  provider: Provider;
  providerId: string;
  since: string;
}

/** What became of the money paid for a subscription's current period. */
export interface PeriodMoney {
  /** All of it was refunded, or is about to be. */
  refunded: boolean;
  /** A payment of it is disputed, or the dispute was lost. */
  disputed: boolean;
}

const COUNTED = [...COUNTED_STATUSES];
const CONTESTED = [...CONTESTED_STATUSES];

/** Sums of refunds and disputes over payments, invoices and periods: functions of the mirror rows, in any order of arrival. */
@Injectable()
export class MoneyBack {
  constructor(private readonly clock: Clock) {}

  /**
   * Brings what was refunded of payments and invoices up to date. One statement.
   * @returns the subscriptions whose access has to be looked at again.
   */
  async refresh(tx: Tx, touched: readonly TouchedMoney[]): Promise<SubscriptionBehind[]> {
    if (touched.length === 0) return [];
    return tx.$queryRaw<SubscriptionBehind[]>`
      WITH g AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(touched)}::jsonb)
          AS g (provider text, aggregate text, "paymentRef" text, "invoiceRef" text)),
      p AS (
        SELECT DISTINCT ON (id) * FROM (
          SELECT p.id, p.provider, p.provider_id, p.provider_invoice_id, p.amount, p.amount_refunded, g.aggregate
          FROM g JOIN payments p ON p.provider = g.provider AND p.provider_id = g."paymentRef"
          UNION ALL
          SELECT p.id, p.provider, p.provider_id, p.provider_invoice_id, p.amount, p.amount_refunded, g.aggregate
          FROM g JOIN payments p ON p.provider = g.provider AND p.provider_invoice_id = g."invoiceRef") both_ways),
      sums AS (
        SELECT p.*, (SELECT COALESCE(sum(r.amount), 0) FROM refunds r
          WHERE r.provider = p.provider AND r.provider_payment_id = p.provider_id AND r.status = ANY (${COUNTED})) AS refunded
        FROM p),
      moved AS (
        SELECT s.* FROM sums s WHERE s.refunded > 0 OR s.amount_refunded > 0
          OR EXISTS (SELECT FROM disputes d WHERE d.provider = s.provider AND d.provider_payment_id = s.provider_id)),
      of_payments AS (
        -- Never above the payment: a refund may be told before the failure of the one it follows.
        UPDATE payments p SET amount_refunded = LEAST(m.refunded, m.amount) FROM moved m
        WHERE p.id = m.id AND p.amount_refunded <> LEAST(m.refunded, m.amount)),
      i AS (
        SELECT i.id, i.provider, i.provider_subscription_id, i.customer_id, i.amount_refunded, min(m.aggregate) AS aggregate,
          (SELECT COALESCE(sum(r.amount), 0) FROM payments q JOIN refunds r
             ON r.provider = q.provider AND r.provider_payment_id = q.provider_id AND r.status = ANY (${COUNTED})
           WHERE q.provider = i.provider AND q.provider_invoice_id = i.provider_id) AS refunded
        FROM moved m JOIN invoices i ON i.provider = m.provider AND i.provider_id = m.provider_invoice_id
        GROUP BY i.id),
      of_invoices AS (
        UPDATE invoices v SET amount_refunded = i.refunded, updated_at = ${this.clock.wall()} FROM i WHERE v.id = i.id AND v.amount_refunded <> i.refunded)
      SELECT DISTINCT provider, provider_subscription_id AS "providerId", aggregate, customer_id AS "customerId"
      FROM i WHERE provider_subscription_id IS NOT NULL`;
  }

  /** Only periods of which something was paid, by `provider:id` of their subscriptions. One statement. */
  async ofPeriods(tx: Tx, periods: readonly PeriodOf[]): Promise<Map<string, PeriodMoney>> {
    if (periods.length === 0) return new Map();
    const rows = await tx.$queryRaw<(PeriodMoney & { ref: string })[]>`
      SELECT g.provider || ':' || g."providerId" AS ref, bool_and(back.refunded >= i.amount_paid) AS refunded,
        bool_or(back.disputed) AS disputed
      FROM jsonb_to_recordset(${JSON.stringify(periods)}::jsonb) AS g (provider text, "providerId" text, since timestamptz)
      JOIN invoices i ON i.provider = g.provider AND i.provider_subscription_id = g."providerId"
        AND i.status = 'paid' AND i.amount_paid > 0 AND i.created_at >= g.since
      CROSS JOIN LATERAL (
        SELECT COALESCE(sum((SELECT sum(r.amount) FROM refunds r
            WHERE r.provider = p.provider AND r.provider_payment_id = p.provider_id AND r.status = ANY (${COUNTED}))), 0) AS refunded,
          COALESCE(bool_or(EXISTS (SELECT FROM disputes d
            WHERE d.provider = p.provider AND d.provider_payment_id = p.provider_id AND d.status = ANY (${CONTESTED}))), false) AS disputed
        FROM payments p WHERE p.provider = i.provider AND p.provider_invoice_id = i.provider_id) back
      GROUP BY 1`;
    return new Map(rows.map(({ ref, refunded, disputed }) => [ref, { refunded, disputed }]));
  }
}
