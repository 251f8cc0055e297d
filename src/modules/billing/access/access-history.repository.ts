import { Injectable } from '@nestjs/common';
import type { Provider } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';

@Injectable()
export class AccessHistoryRepository {
  /** When money of a subscription was last given back or contested; null where none ever was. */
  async moneyBackAt(tx: Tx, provider: Provider, subscriptionRef: string): Promise<Date | null> {
    const [row] = await tx.$queryRaw<{ at: Date | null }[]>`
      WITH paid AS (
        SELECT p.provider_id FROM invoices i JOIN payments p ON p.provider = i.provider AND p.provider_invoice_id = i.provider_id
        WHERE i.provider = ${provider} AND i.provider_subscription_id = ${subscriptionRef})
      SELECT max(at) AS at FROM (
        SELECT r.created_at AS at FROM paid JOIN refunds r ON r.provider = ${provider} AND r.provider_payment_id = paid.provider_id
        UNION ALL
        SELECT d.created_at FROM paid JOIN disputes d ON d.provider = ${provider} AND d.provider_payment_id = paid.provider_id) back`;
    return row?.at ?? null;
  }
}
