import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';

@Injectable()
export class ExpiredInvoicesRepository {
  /**
   * Open invoices whose last attempt met an expired card, oldest first, by customer. No event says which payment is for
   * which invoice before it is paid, so a payment of what is owed, made since, is taken for its.
   */
  async ofCustomers(tx: Tx, customerIds: readonly string[]): Promise<Map<string, string[]>> {
    if (customerIds.length === 0) return new Map();
    const rows = await tx.$queryRaw<{ customerId: string; ids: string[] }[]>`
      SELECT i.customer_id AS "customerId", array_agg(i.id ORDER BY i.created_at, i.id) AS ids
      FROM invoices i
      CROSS JOIN LATERAL (
        SELECT p.status, p.decline_code FROM payments p
        WHERE p.customer_id = i.customer_id AND p.created_at >= i.created_at AND p.provider = i.provider
          AND p.currency = i.currency AND p.amount = i.amount_remaining
        ORDER BY p.created_at DESC, p.id DESC LIMIT 1) last
      WHERE i.customer_id = ANY (${customerIds}) AND i.status = 'open'
        AND last.status = 'failed' AND last.decline_code = 'expired_card'
      GROUP BY i.customer_id`;
    return new Map(rows.map(({ customerId, ids }) => [customerId, ids]));
  }
}
