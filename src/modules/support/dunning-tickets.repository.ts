import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';

/** A followed-up renewal as it stands when a ticket is to be opened. */
export interface TicketCase {
  customerId: string;
  subscriptionId: string;
  invoiceId: string;
  /** The latest payment of the invoice. */
  paymentId: string | null;
  status: 'open' | 'recovered' | 'exhausted' | 'closed';
  latePaidAt: Date | null;
  /** What was said of the first attempt. */
  declineCode: string | null;
  amountDue: bigint;
  currency: string;
}

@Injectable()
export class DunningTicketsRepository {
  async caseOf(tx: Tx, caseId: string): Promise<TicketCase | null> {
    const [row] = await tx.$queryRaw<TicketCase[]>`
      SELECT c.customer_id AS "customerId", c.subscription_id AS "subscriptionId", c.invoice_id AS "invoiceId", c.status,
        c.late_paid_at AS "latePaidAt", c.decline_code AS "declineCode", i.amount_due AS "amountDue", i.currency,
        (SELECT p.id FROM payments p WHERE p.provider = i.provider AND p.provider_invoice_id = i.provider_id
         ORDER BY p.created_at DESC, p.id DESC LIMIT 1) AS "paymentId"
      FROM dunning_cases c JOIN invoices i ON i.id = c.invoice_id WHERE c.id = ${caseId}`;
    return row ?? null;
  }

  /** Whether nobody knows what became of it. */
  async isOpenAttempt(tx: Tx, attemptId: string): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ open: boolean }[]>`
      SELECT EXISTS (SELECT FROM payment_recovery_attempts WHERE id = ${attemptId} AND finished_at IS NULL) AS open`;
    return row?.open === true;
  }
}
