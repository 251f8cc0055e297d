import { Injectable } from '@nestjs/common';
import type { PaymentStatus, Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import type { PaymentState } from './domain/fold-payment';
import { MirrorRows, type MirrorColumns } from './mirror-rows.repository';

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
  constructor(private readonly rows: MirrorRows) {}

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
    await this.rows.write(tx, 'payment', mirrors.map(paymentRow));
  }
}

/** The columns that are a function of the payment's facts and of whose it is. */
export function paymentRow({ provider, providerId, customerId, state }: PaymentMirror): MirrorColumns {
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
