import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';

/** What an invoice shows of the attempts that are ours. */
export interface InvoiceRetrySchedule {
  invoiceId: string;
  customerId: string;
  /** Scheduled ones that were made; those by hand are not counted, as the provider counts them neither. */
  attempts: number;
  /** Null where none is planned. */
  nextAttemptAt: Date | null;
}

/** Beside the mirror rows, which are the provider's: whoever keeps the schedule writes it here. */
@Injectable()
export class InvoiceRetrySchedules {
  constructor(private readonly clock: Clock) {}

  /** One statement. */
  async set(tx: Tx, schedules: readonly InvoiceRetrySchedule[]): Promise<void> {
    if (schedules.length === 0) return;
    await tx.$executeRaw`
      INSERT INTO invoice_retry_schedules AS s (invoice_id, customer_id, attempts, next_attempt_at, updated_at)
      SELECT "invoiceId", "customerId", attempts, "nextAttemptAt", ${this.clock.wall()}
      FROM jsonb_to_recordset(${JSON.stringify(schedules)}::jsonb)
        AS n ("invoiceId" text, "customerId" text, attempts int, "nextAttemptAt" timestamptz)
      ON CONFLICT (invoice_id) DO UPDATE SET attempts = EXCLUDED.attempts, next_attempt_at = EXCLUDED.next_attempt_at,
        updated_at = EXCLUDED.updated_at
      WHERE (s.attempts, s.next_attempt_at) IS DISTINCT FROM (EXCLUDED.attempts, EXCLUDED.next_attempt_at)`;
  }
}
