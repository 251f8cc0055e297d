import { Injectable } from '@nestjs/common';
import type { DisputeStatus, Provider } from '../../../shared/facts';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';

export interface Dispute {
  id: string;
  customerId: string;
  provider: Provider;
  providerId: string;
  /** Our payment's id; null until it is known. */
  paymentId: string | null;
  amount: bigint;
  currency: string;
  status: DisputeStatus;
  reason: string;
  evidenceDueBy: Date | null;
  hasEvidence: boolean;
  evidenceCount: number;
  createdAt: Date;
}

const SELECT = Prisma.sql`
  SELECT d.id, d.customer_id AS "customerId", d.provider, d.provider_id AS "providerId", p.id AS "paymentId", d.amount, d.currency,
    d.status, d.reason, d.evidence_due_by AS "evidenceDueBy", d.has_evidence AS "hasEvidence", d.evidence_count AS "evidenceCount",
    d.created_at AS "createdAt"
  FROM disputes d LEFT JOIN payments p ON p.provider = d.provider AND p.provider_id = d.provider_payment_id`;

@Injectable()
export class DisputesRepository {
  /** Newest first. */
  async list(
    tx: Tx,
    { status = null, customerId = null }: { status?: DisputeStatus | null; customerId?: string | null },
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Dispute[]> {
    return tx.$queryRaw<Dispute[]>`${SELECT}
      WHERE (${status}::text IS NULL OR d.status = ${status}) AND (${customerId}::text IS NULL OR d.customer_id = ${customerId})
        AND (${after?.createdAt ?? null}::timestamptz IS NULL
          OR (d.created_at, d.id) < (${after?.createdAt ?? null}, ${after?.id ?? null}))
      ORDER BY d.created_at DESC, d.id DESC LIMIT ${limit}`;
  }

  async byId(tx: Tx, id: string): Promise<Dispute | null> {
    const [row] = await tx.$queryRaw<Dispute[]>`${SELECT} WHERE d.id = ${id}`;
    return row ?? null;
  }
}
