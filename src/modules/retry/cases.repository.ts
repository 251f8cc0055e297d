import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';
import { CASE_COLUMNS } from './case-derivation.repository';
import type { CaseStatus, DunningCase } from './dunning-case';

export interface Reminder {
  day: number;
  dueAt: Date;
  status: 'sent' | 'skipped' | 'final';
  toldAt: Date;
}

export interface CaseFilter {
  status?: CaseStatus | undefined;
  customerId?: string | undefined;
  subscriptionId?: string | undefined;
  invoiceId?: string | undefined;
}

/** Cases as they are read. */
@Injectable()
export class CasesRepository {
  async byId(tx: Tx, id: string): Promise<DunningCase | null> {
    const [row] = await tx.$queryRaw<DunningCase[]>`SELECT ${CASE_COLUMNS} FROM dunning_cases c WHERE c.id = ${id}`;
    return row ?? null;
  }

  /** One per invoice. */
  async ofInvoice(tx: Tx, invoiceId: string): Promise<DunningCase | null> {
    const [row] = await tx.$queryRaw<DunningCase[]>`
      SELECT ${CASE_COLUMNS} FROM dunning_cases c WHERE c.invoice_id = ${invoiceId}`;
    return row ?? null;
  }

  /** Newest first. @param after keyset: cases older than (createdAt, id). */
  list(
    tx: Tx,
    { status, customerId, subscriptionId, invoiceId }: CaseFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<DunningCase[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<DunningCase[]>`
      SELECT ${CASE_COLUMNS} FROM dunning_cases c
      WHERE (${status ?? null}::text IS NULL OR c.status = ${status ?? null})
        AND (${customerId ?? null}::text IS NULL OR c.customer_id = ${customerId ?? null})
        AND (${subscriptionId ?? null}::text IS NULL OR c.subscription_id = ${subscriptionId ?? null})
        AND (${invoiceId ?? null}::text IS NULL OR c.invoice_id = ${invoiceId ?? null})
        AND (${at}::timestamptz IS NULL OR (c.created_at, c.id) < (${at}, ${after?.id ?? null}))
      ORDER BY c.created_at DESC, c.id DESC LIMIT ${limit}`;
  }

  /** Open ones that are ours to collect. */
  openOf(tx: Tx, customerIds: readonly string[]): Promise<DunningCase[]> {
    return tx.$queryRaw<DunningCase[]>`
      SELECT ${CASE_COLUMNS} FROM dunning_cases c
      WHERE c.customer_id = ANY (${customerIds}) AND c.status = 'open' AND c.owner = 'kassa' AND c.ending_at IS NULL ORDER BY c.id`;
  }

  reminders(tx: Tx, caseId: string): Promise<Reminder[]> {
    return tx.$queryRaw<Reminder[]>`
      SELECT day, due_at AS "dueAt", status, told_at AS "toldAt" FROM dunning_reminders WHERE case_id = ${caseId} ORDER BY day`;
  }
}
