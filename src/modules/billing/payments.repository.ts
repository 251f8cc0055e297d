import { Injectable } from '@nestjs/common';
import type { PaymentStatus, Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';

export interface Payment {
  id: string;
  provider: Provider;
  providerId: string;
  /** Our invoice's id; null until both are known. */
  invoiceId: string | null;
  amount: bigint;
  amountRefunded: bigint;
  currency: string;
  status: PaymentStatus;
  declineCode: string | null;
  methodType: string | null;
  methodBrand: string | null;
  methodLast4: string | null;
  createdAt: Date;
}

@Injectable()
export class PaymentsRepository {
  /** A user's payments, newest first. */
  async ofUser(
    tx: Tx,
    userId: string,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Payment[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<Payment[]>`
      SELECT p.id, p.provider, p.provider_id AS "providerId", i.id AS "invoiceId", p.amount, p.amount_refunded AS "amountRefunded",
        p.currency, p.status, p.decline_code AS "declineCode", p.method_type AS "methodType", p.method_brand AS "methodBrand",
        p.method_last4 AS "methodLast4", p.created_at AS "createdAt"
      FROM payments p JOIN customers c ON c.id = p.customer_id
      LEFT JOIN invoices i ON i.provider = p.provider AND i.provider_id = p.provider_invoice_id
      WHERE c.user_id = ${userId}
        AND (${at}::timestamptz IS NULL OR (p.created_at, p.id) < (${at}, ${after?.id ?? null}))
      ORDER BY p.created_at DESC, p.id DESC LIMIT ${limit}`;
  }
}
