import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { PaymentStatus, Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import type { Tx } from '../../platform/database';
import type { PaymentState } from './domain/fold-payment';

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
  constructor(private readonly clock: Clock) {}

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

  async mirror(
    tx: Tx,
    provider: Provider,
    providerId: string,
    customerId: string,
    state: PaymentState,
  ): Promise<string> {
    const p = state.payload;
    const at = this.clock.wall();
    const rows = await tx.$queryRaw<{ id: string }[]>`
      INSERT INTO payments (id, customer_id, provider, provider_id, provider_invoice_id, amount, currency, status, decline_code,
        method_type, method_brand, method_last4, created_at, last_fact_id, fact_count, verified_at, updated_at)
      VALUES (${newId('pay', at.getTime())}, ${customerId}, ${provider}, ${providerId}, ${state.invoiceRef}, ${BigInt(p.amount)},
        ${p.currency}, ${p.status}, ${p.declineCode}, ${state.method?.type ?? null}, ${state.method?.brand ?? null},
        ${state.method?.last4 ?? null}, ${new Date(p.createdAt)}, ${state.lastFactId}, ${state.factCount}, ${state.verifiedAt}, ${at})
      ON CONFLICT (provider, provider_id) DO UPDATE SET provider_invoice_id = EXCLUDED.provider_invoice_id,
        amount = EXCLUDED.amount, currency = EXCLUDED.currency, status = EXCLUDED.status, decline_code = EXCLUDED.decline_code,
        method_type = EXCLUDED.method_type, method_brand = EXCLUDED.method_brand, method_last4 = EXCLUDED.method_last4,
        last_fact_id = EXCLUDED.last_fact_id, fact_count = EXCLUDED.fact_count, verified_at = EXCLUDED.verified_at,
        updated_at = EXCLUDED.updated_at
      RETURNING id`;
    const row = rows[0];
    if (!row) throw new Error('An upsert returned no row');
    return row.id;
  }
}
