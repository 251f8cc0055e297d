import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { CardMonth } from './domain/card-expiry';

export interface ExpiringCard {
  /** Ours. */
  id: string;
  customerId: string;
  provider: string;
  /** At the provider. */
  providerId: string;
  brand: string | null;
  last4: string | null;
  expYear: number;
  expMonth: number;
}

export interface NoticePage {
  /** Of whom it was written down, by this very statement, that they are told. */
  told: ExpiringCard[];
  /** Where the next page begins; '' after the last. */
  position: string;
}

@Injectable()
export class CardExpiryNoticesRepository {
  /**
   * Looks through the next cards of these months. Those that a renewal will be charged to, and whose holders were not told
   * of this date, are written down as told. One statement; two at once write each down once.
   * @param after '' or the `position` of the page before. @param at business time.
   */
  async takeNext(
    tx: Tx,
    months: { first: CardMonth; last: CardMonth },
    { after, limit, at }: { after: string; limit: number; at: Date },
  ): Promise<NoticePage> {
    const { first, last } = months;
    const [year, month, id] = after === '' ? [0, 0, ''] : (JSON.parse(after) as [number, number, string]);
    const rows = await tx.$queryRaw<(ExpiringCard & { isTold: boolean })[]>`
      WITH page AS (
        SELECT id, customer_id, provider, provider_id, brand, last4, exp_year, exp_month FROM payment_methods
        WHERE status = 'attached' AND type = 'card' AND (exp_year, exp_month, id) > (${year}, ${month}, ${id})
          AND (exp_year, exp_month) >= (${first.year}, ${first.month}) AND (exp_year, exp_month) <= (${last.year}, ${last.month})
        ORDER BY exp_year, exp_month, id LIMIT ${limit}),
      told AS (
        INSERT INTO card_expiry_notices (payment_method_id, exp_year, exp_month, customer_id, at)
        SELECT m.id, m.exp_year, m.exp_month, m.customer_id, ${at} FROM page m
        WHERE NOT EXISTS (SELECT FROM card_expiry_notices n
            WHERE n.payment_method_id = m.id AND n.exp_year = m.exp_year AND n.exp_month = m.exp_month)
          AND EXISTS (
            SELECT FROM subscriptions s WHERE s.customer_id = m.customer_id AND s.provider = m.provider
              AND s.status IN ('trialing', 'active', 'past_due') AND NOT s.cancel_at_period_end
              AND (s.cancel_at IS NULL OR s.cancel_at > s.current_period_end)
              AND m.provider_id = COALESCE(s.provider_method_id,
                (SELECT c.provider_method_id FROM provider_customers c WHERE c.customer_id = m.customer_id
                   AND c.provider = m.provider AND c.provider_method_id IS NOT NULL
                 ORDER BY c.provider_method_id = m.provider_id DESC LIMIT 1),
                -- Nobody has told which one is charged: with one there is no doubt.
                (SELECT min(o.provider_id) FROM payment_methods o WHERE o.customer_id = m.customer_id
                   AND o.provider = m.provider AND o.status = 'attached' HAVING count(*) = 1)))
        ON CONFLICT DO NOTHING
        RETURNING payment_method_id)
      SELECT m.id, m.customer_id AS "customerId", m.provider, m.provider_id AS "providerId", m.brand, m.last4,
        m.exp_year AS "expYear", m.exp_month AS "expMonth", t.payment_method_id IS NOT NULL AS "isTold"
      FROM page m LEFT JOIN told t ON t.payment_method_id = m.id ORDER BY m.exp_year, m.exp_month, m.id`;
    const end = rows.length < limit ? undefined : rows.at(-1);
    const told = rows.flatMap(({ isTold, ...card }) => (isTold ? [card] : []));
    return { told, position: end ? JSON.stringify([end.expYear, end.expMonth, end.id]) : '' };
  }
}
