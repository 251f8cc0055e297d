import { Injectable } from '@nestjs/common';
import type { Currency } from '../../../shared/currency';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';

export const BENEFICIARY_STATUSES = ['pending', 'active', 'archived', 'erased'] as const;
export type BeneficiaryStatus = (typeof BENEFICIARY_STATUSES)[number];

/** As it lies in the database. */
export interface BeneficiaryRow {
  id: string;
  currency: Currency;
  type: string;
  status: BeneficiaryStatus;
  customerId: string | null;
  /** Null once erased. */
  fingerprint: string | null;
  sealed: string | null;
  /** Null while pending. */
  recipientRef: string | null;
  createdAt: Date;
  updatedAt: Date;
  archivedAt: Date | null;
}

export type NewBeneficiary = Pick<BeneficiaryRow, 'id' | 'currency' | 'type' | 'customerId'> & {
  fingerprint: string;
  sealed: string;
};

export interface BeneficiaryFilter {
  status?: BeneficiaryStatus | undefined;
  currency?: string | undefined;
  customerId?: string | undefined;
}

const COLUMNS = Prisma.sql`id, currency, type, status, customer_id AS "customerId", fingerprint, sealed,
  recipient_ref AS "recipientRef", created_at AS "createdAt", updated_at AS "updatedAt", archived_at AS "archivedAt"`;

@Injectable()
export class BeneficiariesRepository {
  constructor(private readonly clock: Clock) {}

  /** The id is part of what is sealed, so it is there before the row is. */
  newBeneficiaryId(): string {
    return newId('bnf', this.clock.wall().getTime());
  }

  async byId(tx: Tx, id: string): Promise<BeneficiaryRow | null> {
    const [row] = await tx.$queryRaw<BeneficiaryRow[]>`SELECT ${COLUMNS} FROM beneficiaries WHERE id = ${id}`;
    return row ?? null;
  }

  async byIds(tx: Tx, ids: readonly string[]): Promise<BeneficiaryRow[]> {
    return tx.$queryRaw<BeneficiaryRow[]>`SELECT ${COLUMNS} FROM beneficiaries WHERE id = ANY (${ids})`;
  }

  /** As `byId`; nobody changes it until the transaction ends. */
  async lock(tx: Tx, id: string): Promise<BeneficiaryRow | null> {
    const [row] = await tx.$queryRaw<BeneficiaryRow[]>`
      SELECT ${COLUMNS} FROM beneficiaries WHERE id = ${id} FOR NO KEY UPDATE`;
    return row ?? null;
  }

  /** The one that this account can be paid by, or will be; by its fingerprints under all keys. */
  async byAccount(tx: Tx, fingerprints: readonly string[]): Promise<BeneficiaryRow | null> {
    const [row] = await tx.$queryRaw<BeneficiaryRow[]>`
      SELECT ${COLUMNS} FROM beneficiaries
      WHERE fingerprint = ANY (${fingerprints}) AND status IN ('pending', 'active') ORDER BY id LIMIT 1`;
    return row ?? null;
  }

  /** Newest first. */
  async list(
    tx: Tx,
    { status, currency, customerId }: BeneficiaryFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<BeneficiaryRow[]> {
    const at = after?.createdAt ?? null;
    return tx.$queryRaw<BeneficiaryRow[]>`
      SELECT ${COLUMNS} FROM beneficiaries
      WHERE (${status ?? null}::text IS NULL OR status = ${status ?? null})
        AND (${currency ?? null}::text IS NULL OR currency = ${currency ?? null})
        AND (${customerId ?? null}::text IS NULL OR customer_id = ${customerId ?? null})
        AND (${at}::timestamptz IS NULL OR (created_at, id) < (${at}, ${after?.id ?? null}))
      ORDER BY created_at DESC, id DESC LIMIT ${limit}`;
  }

  /** @returns whether the row is new; another one of the same account, or this one, may be there. */
  async insert(tx: Tx, { id, currency, type, customerId, fingerprint, sealed }: NewBeneficiary): Promise<boolean> {
    const at = this.clock.wall();
    const inserted = await tx.$executeRaw`
      INSERT INTO beneficiaries (id, currency, type, status, customer_id, fingerprint, sealed, created_at, updated_at)
      VALUES (${id}, ${currency}, ${type}, 'pending', ${customerId}, ${fingerprint}, ${sealed}, ${at}, ${at})
      ON CONFLICT DO NOTHING`;
    return inserted === 1;
  }

  /** Whether he is still somebody; he is not erased until the transaction ends. */
  async holdCustomer(tx: Tx, customerId: string): Promise<boolean> {
    const rows = await tx.$queryRaw<{ here: boolean }[]>`
      SELECT erased_at IS NULL AS here FROM customers WHERE id = ${customerId} FOR KEY SHARE`;
    return rows[0]?.here ?? false;
  }

  /** The provider knows it as this. A former one of the same id has not to be ended there any more: this is it. */
  async activate(tx: Tx, id: string, recipientRef: string): Promise<void> {
    const at = this.clock.wall();
    await tx.$executeRaw`
      UPDATE beneficiaries SET deactivated_at = ${at}
      WHERE recipient_ref = ${recipientRef} AND archived_at IS NOT NULL AND deactivated_at IS NULL`;
    await tx.$executeRaw`
      UPDATE beneficiaries SET status = 'active', recipient_ref = ${recipientRef}, updated_at = ${at}
      WHERE id = ${id} AND status = 'pending'`;
  }

  /** The provider has refused it, or was never asked: nothing of it is kept. */
  async forgetPending(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`DELETE FROM beneficiaries WHERE id = ${id} AND status = 'pending'`;
  }

  /** @returns of the provider's ids those that somebody present has. */
  async presentRefs(tx: Tx, refs: readonly string[]): Promise<Set<string>> {
    const rows = await tx.$queryRaw<{ ref: string }[]>`
      SELECT recipient_ref AS ref FROM beneficiaries WHERE recipient_ref = ANY (${refs}) AND archived_at IS NULL`;
    return new Set(rows.map(({ ref }) => ref));
  }

  /** One that may still need it to be paid. */
  async hasOpenPayout(tx: Tx, id: string): Promise<boolean> {
    const [row] = await tx.$queryRaw<{ open: boolean }[]>`
      SELECT EXISTS (SELECT FROM payouts WHERE beneficiary_id = ${id}
        AND status IN ('queued', 'awaiting_second_approval', 'processing', 'requires_manual_funding')) AS open`;
    return row?.open ?? false;
  }

  async archive(tx: Tx, id: string): Promise<BeneficiaryRow | null> {
    const at = this.clock.wall();
    const [row] = await tx.$queryRaw<BeneficiaryRow[]>`
      UPDATE beneficiaries SET status = 'archived', archived_at = ${at}, updated_at = ${at}
      WHERE id = ${id} AND status = 'active' RETURNING ${COLUMNS}`;
    return row ?? null;
  }

  /** Archived ones that the provider may still pay, and that nobody is busy with; they are the caller's for as long as said. */
  async takeLeaving(tx: Tx, limit: number, leaseMs: number): Promise<{ id: string; recipientRef: string }[]> {
    return tx.$queryRaw<{ id: string; recipientRef: string }[]>`
      UPDATE beneficiaries SET retry_at = statement_timestamp() + ${leaseMs} * interval '1 ms'
      WHERE id IN (
        SELECT id FROM beneficiaries
        WHERE archived_at IS NOT NULL AND recipient_ref IS NOT NULL AND deactivated_at IS NULL
          AND (retry_at IS NULL OR retry_at <= statement_timestamp())
        ORDER BY retry_at NULLS FIRST, id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING id, recipient_ref AS "recipientRef"`;
  }

  async deactivated(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE beneficiaries SET deactivated_at = ${this.clock.wall()}, retry_at = NULL
      WHERE id = ${id} AND archived_at IS NOT NULL AND deactivated_at IS NULL`;
  }

  /** What is sealed under another key than the newest; nobody else takes the same ones up meanwhile. */
  async sealedOtherwise(tx: Tx, newestPrefix: string, limit: number): Promise<BeneficiaryRow[]> {
    return tx.$queryRaw<BeneficiaryRow[]>`
      SELECT ${COLUMNS} FROM beneficiaries
      WHERE sealed IS NOT NULL AND NOT starts_with(sealed, ${newestPrefix})
      ORDER BY updated_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
  }

  async sealAgain(tx: Tx, rows: readonly { id: string; sealed: string; fingerprint: string }[]): Promise<void> {
    await tx.$executeRaw`
      UPDATE beneficiaries b SET sealed = n.sealed, fingerprint = n.fingerprint
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (id text, sealed text, fingerprint text) WHERE b.id = n.id`;
  }
}
