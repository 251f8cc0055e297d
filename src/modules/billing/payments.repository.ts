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

/** A folded payment and whose it is. */
export interface PaymentMirror {
  provider: Provider;
  providerId: string;
  customerId: string;
  state: PaymentState;
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

  /** Writes the mirror rows as the facts say them. One statement. */
  async mirror(tx: Tx, mirrors: readonly PaymentMirror[]): Promise<void> {
    if (mirrors.length === 0) return;
    const at = this.clock.wall();
    const rows = mirrors.map((mirror) => ({ id: newId('pay', at.getTime()), ...paymentRow(mirror) }));
    await tx.$executeRaw`
      INSERT INTO payments AS m (id, customer_id, provider, provider_id, provider_invoice_id, amount, currency, status, decline_code,
        method_type, method_brand, method_last4, created_at, last_fact_id, fact_count, verified_at, updated_at)
      SELECT id, customer_id, provider, provider_id, provider_invoice_id, amount, currency, status, decline_code,
        method_type, method_brand, method_last4, created_at, last_fact_id, fact_count, verified_at, ${at}
      FROM jsonb_populate_recordset(NULL::payments, ${JSON.stringify(rows)}::jsonb)
      ON CONFLICT (provider, provider_id) DO UPDATE SET provider_invoice_id = EXCLUDED.provider_invoice_id,
        amount = EXCLUDED.amount, currency = EXCLUDED.currency, status = EXCLUDED.status, decline_code = EXCLUDED.decline_code,
        method_type = EXCLUDED.method_type, method_brand = EXCLUDED.method_brand, method_last4 = EXCLUDED.method_last4,
        created_at = EXCLUDED.created_at, last_fact_id = EXCLUDED.last_fact_id, fact_count = EXCLUDED.fact_count,
        verified_at = GREATEST(m.verified_at, EXCLUDED.verified_at), updated_at = EXCLUDED.updated_at`;
  }
}

/** The columns that are a function of the payment's facts and of whose it is. */
export function paymentRow({ provider, providerId, customerId, state }: PaymentMirror): Record<string, unknown> {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider,
    provider_id: providerId,
    provider_invoice_id: state.invoiceRef,
    amount: p.amount,
    currency: p.currency,
    status: p.status,
    decline_code: p.declineCode,
    method_type: state.method?.type ?? null,
    method_brand: state.method?.brand ?? null,
    method_last4: state.method?.last4 ?? null,
    created_at: p.createdAt,
    last_fact_id: state.lastFactId,
    fact_count: state.factCount,
    verified_at: state.verifiedAt,
  };
}
