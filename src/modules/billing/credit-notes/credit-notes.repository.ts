import { Injectable } from '@nestjs/common';
import type { Provider } from '../../../shared/facts';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';

export interface CreditNote {
  id: string;
  customerId: string;
  provider: Provider;
  providerId: string;
  /** Our invoice's id; null until it is known. */
  invoiceId: string | null;
  number: string;
  status: 'issued' | 'void';
  reason: string | null;
  currency: string;
  total: bigint;
  tax: bigint;
  prePayment: bigint;
  refunded: bigint;
  credited: bigint;
  outOfBand: bigint;
  createdAt: Date;
}

const SELECT = Prisma.sql`
  SELECT n.id, n.customer_id AS "customerId", n.provider, n.provider_id AS "providerId", i.id AS "invoiceId", n.number, n.status,
    n.reason, n.currency, n.total, n.tax, n.pre_payment AS "prePayment", n.refunded, n.credited, n.out_of_band AS "outOfBand",
    n.created_at AS "createdAt"
  FROM credit_notes n LEFT JOIN invoices i ON i.provider = n.provider AND i.provider_id = n.provider_invoice_id`;

@Injectable()
export class CreditNotesRepository {
  /** Oldest first. An invoice has few. */
  ofInvoice(tx: Tx, provider: Provider, providerInvoiceId: string): Promise<CreditNote[]> {
    return tx.$queryRaw<CreditNote[]>`${SELECT}
      WHERE n.provider = ${provider} AND n.provider_invoice_id = ${providerInvoiceId} ORDER BY n.created_at, n.id`;
  }

  async byId(tx: Tx, id: string): Promise<CreditNote | null> {
    const [row] = await tx.$queryRaw<CreditNote[]>`${SELECT} WHERE n.id = ${id}`;
    return row ?? null;
  }

  async byProviderId(tx: Tx, provider: Provider, providerId: string): Promise<CreditNote | null> {
    const [row] = await tx.$queryRaw<
      CreditNote[]
    >`${SELECT} WHERE n.provider = ${provider} AND n.provider_id = ${providerId}`;
    return row ?? null;
  }
}
