import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';
import type { ChangeFacts, InvoiceFacts, Look, SubscriptionFacts } from './messages/message';

/** Reads what messages are about, as it stands this moment. */
@Injectable()
export class SubjectsRepository {
  look(tx: Tx): Look {
    return {
      subscription: (id) => this.subscription(tx, id),
      invoice: (id) => this.invoice(tx, id),
      changes: (id, since) => this.changes(tx, id, since),
    };
  }

  private async subscription(tx: Tx, id: string): Promise<SubscriptionFacts | null> {
    const rows = await tx.$queryRaw<(Omit<SubscriptionFacts, 'amount'> & { amount: bigint })[]>`
      SELECT p.name AS plan, s.status, s.amount, s.currency, s.current_period_end AS "currentPeriodEnd",
        s.trial_ends_at AS "trialEndsAt", s.cancel_at_period_end AS "cancelAtPeriodEnd", s.grace_until AS "graceUntil"
      FROM subscriptions s JOIN plans p ON p.id = s.plan_id WHERE s.id = ${id}`;
    return rows[0] ? { ...rows[0], amount: Number(rows[0].amount) } : null;
  }

  private async invoice(tx: Tx, id: string): Promise<InvoiceFacts | null> {
    type Row = Omit<InvoiceFacts, 'amountDue' | 'amountPaid'> & { amountDue: bigint; amountPaid: bigint };
    const rows = await tx.$queryRaw<Row[]>`
      SELECT i.status, i.amount_due AS "amountDue", i.amount_paid AS "amountPaid", i.currency, p.name AS plan
      FROM invoices i
      LEFT JOIN subscriptions s ON s.provider = i.provider AND s.provider_id = i.provider_subscription_id
      LEFT JOIN plans p ON p.id = s.plan_id
      WHERE i.id = ${id}`;
    const [row] = rows;
    return row ? { ...row, amountDue: Number(row.amountDue), amountPaid: Number(row.amountPaid) } : null;
  }

  private changes(tx: Tx, subscriptionId: string, since: Date): Promise<ChangeFacts[]> {
    return tx.$queryRaw<ChangeFacts[]>`
      SELECT * FROM (
        SELECT type, to_plan_id AS "toPlanId", from_status AS "fromStatus", at, position,
          row_number() OVER (PARTITION BY type, to_plan_id ORDER BY position)::int4 AS ordinal
        FROM subscription_changes WHERE subscription_id = ${subscriptionId}) steps
      WHERE at >= ${since} ORDER BY position`;
  }
}
