import { Injectable } from '@nestjs/common';
import type { Provider, RefundStatus } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { COUNTED_STATUSES } from './domain/fold-refund';

export interface Refund {
  id: string;
  provider: Provider;
  providerId: string;
  /** Our payment's id; null until it is known. */
  paymentId: string | null;
  amount: bigint;
  currency: string;
  status: RefundStatus;
  reason: string | null;
  failureReason: string | null;
  createdAt: Date;
}

/** A payment as giving it back needs it. */
export interface RefundablePayment {
  id: string;
  customerId: string;
  provider: Provider;
  providerId: string;
  status: string;
  amount: bigint;
  currency: string;
  /** Refunds that stand or are on their way. */
  refunded: bigint;
  /** Statuses of its disputes. */
  disputes: string[];
}

@Injectable()
export class RefundsRepository {
  /** Newest first. */
  async list(
    tx: Tx,
    { paymentId = null, customerId = null }: { paymentId?: string | null; customerId?: string | null },
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Refund[]> {
    return tx.$queryRaw<Refund[]>`
      SELECT r.id, r.provider, r.provider_id AS "providerId", p.id AS "paymentId", r.amount, r.currency, r.status, r.reason,
        r.failure_reason AS "failureReason", r.created_at AS "createdAt"
      FROM refunds r LEFT JOIN payments p ON p.provider = r.provider AND p.provider_id = r.provider_payment_id
      WHERE (${paymentId}::text IS NULL OR p.id = ${paymentId}) AND (${customerId}::text IS NULL OR r.customer_id = ${customerId})
        AND (${after?.createdAt ?? null}::timestamptz IS NULL
          OR (r.created_at, r.id) < (${after?.createdAt ?? null}, ${after?.id ?? null}))
      ORDER BY r.created_at DESC, r.id DESC LIMIT ${limit}`;
  }

  async byProviderId(tx: Tx, provider: Provider, providerId: string): Promise<Refund | null> {
    const [row] = await tx.$queryRaw<Refund[]>`
      SELECT r.id, r.provider, r.provider_id AS "providerId", p.id AS "paymentId", r.amount, r.currency, r.status, r.reason,
        r.failure_reason AS "failureReason", r.created_at AS "createdAt"
      FROM refunds r LEFT JOIN payments p ON p.provider = r.provider AND p.provider_id = r.provider_payment_id
      WHERE r.provider = ${provider} AND r.provider_id = ${providerId}`;
    return row ?? null;
  }

  /** One statement. */
  async payment(tx: Tx, id: string): Promise<RefundablePayment | null> {
    const [row] = await tx.$queryRaw<RefundablePayment[]>`
      SELECT p.id, p.customer_id AS "customerId", p.provider, p.provider_id AS "providerId", p.status, p.amount, p.currency,
        (SELECT COALESCE(sum(r.amount), 0)::bigint FROM refunds r WHERE r.provider = p.provider
          AND r.provider_payment_id = p.provider_id AND r.status = ANY (${[...COUNTED_STATUSES]})) AS refunded,
        ARRAY(SELECT d.status FROM disputes d WHERE d.provider = p.provider AND d.provider_payment_id = p.provider_id) AS disputes
      FROM payments p WHERE p.id = ${id}`;
    return row ?? null;
  }
}
