import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import type { PayoutDecision, PayoutStatus } from './domain/payout-status';

export type PayoutSource = 'person' | 'kassa' | 'answer' | 'webhook' | 'reading';

/** A price for a payout, as it is kept. Minor units; the source includes the fee. */
export interface QuoteFigures {
  quoteRef: string;
  rate: string;
  sourceAmount: bigint;
  fee: bigint;
  targetAmount: bigint;
  expiresAt: Date;
}

export interface Payout {
  id: string;
  status: PayoutStatus;
  decision: PayoutDecision;
  beneficiaryId: string;
  customerId: string | null;
  transferKey: string;
  reference: string;
  sourceCurrency: string;
  sourceAmount: bigint;
  fee: bigint;
  targetCurrency: string;
  targetAmount: bigint;
  rate: string;
  quoteRef: string;
  quoteExpiresAt: Date;
  reservations: number;
  offeredQuote: QuoteFigures | null;
  preparedBy: string;
  preparedAt: Date;
  approvedBy: string | null;
  approvedAt: Date | null;
  secondApprovedBy: string | null;
  secondApprovedAt: Date | null;
  endedBy: string | null;
  endReason: string | null;
  cancelRequestedAt: Date | null;
  transferRef: string | null;
  fundingCalledAt: Date | null;
  failureCode: string | null;
  attempts: number;
}

export interface NewPayout {
  beneficiaryId: string;
  customerId: string | null;
  requestKey: string | null;
  reference: string;
  sourceCurrency: string;
  targetCurrency: string;
  quote: QuoteFigures;
  preparedBy: string;
}

export interface PayoutFilter {
  status?: PayoutStatus | undefined;
  beneficiaryId?: string | undefined;
  customerId?: string | undefined;
}

export interface HistoryEntry {
  position: number;
  fromStatus: PayoutStatus | null;
  toStatus: PayoutStatus;
  occurredAt: Date;
  recordedAt: Date;
  source: PayoutSource;
  actor: string | null;
  sourceId: string | null;
  reason: string | null;
}

type Change = Omit<HistoryEntry, 'position' | 'recordedAt'>;

/** The columns that decisions change. Times of leases are the database's own, see `PayoutWorkRepository`. */
export type PayoutChange = Partial<
  Pick<
    Payout,
    | 'status'
    | 'decision'
    | 'approvedBy'
    | 'approvedAt'
    | 'secondApprovedBy'
    | 'secondApprovedAt'
    | 'endedBy'
    | 'endReason'
    | 'cancelRequestedAt'
    | 'fundingCalledAt'
    | 'failureCode'
    | 'reservations'
  >
> & { quote?: QuoteFigures; offeredQuote?: QuoteFigures | null };

const COLUMNS = Prisma.sql`p.id, p.status, p.decision, p.beneficiary_id AS "beneficiaryId", p.customer_id AS "customerId",
  p.transfer_key::text AS "transferKey", p.reference, p.source_currency AS "sourceCurrency", p.source_amount AS "sourceAmount", p.fee,
  p.target_currency AS "targetCurrency", p.target_amount AS "targetAmount", p.rate::text AS rate, p.quote_ref AS "quoteRef",
  p.quote_expires_at AS "quoteExpiresAt", p.reservations, p.offered_quote AS "offeredQuote", p.prepared_by AS "preparedBy",
  p.prepared_at AS "preparedAt", p.approved_by AS "approvedBy", p.approved_at AS "approvedAt", p.second_approved_by AS "secondApprovedBy",
  p.second_approved_at AS "secondApprovedAt", p.ended_by AS "endedBy", p.end_reason AS "endReason",
  p.cancel_requested_at AS "cancelRequestedAt", p.transfer_ref AS "transferRef", p.funding_called_at AS "fundingCalledAt",
  p.failure_code AS "failureCode", p.attempts`;

type Row = Omit<Payout, 'offeredQuote'> & { offeredQuote: QuoteJson | null };
interface QuoteJson {
  quoteRef: string;
  rate: string;
  sourceAmount: string;
  fee: string;
  targetAmount: string;
  expiresAt: string;
}

@Injectable()
export class PayoutsRepository {
  constructor(private readonly clock: Clock) {}

  async byId(tx: Tx, id: string): Promise<Payout | null> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM payouts p WHERE p.id = ${id}`;
    return rows[0] ? toPayout(rows[0]) : null;
  }

  /** As `byId`; waits for whoever decides about it just now. */
  async lock(tx: Tx, id: string): Promise<Payout | null> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM payouts p WHERE p.id = ${id} FOR UPDATE`;
    return rows[0] ? toPayout(rows[0]) : null;
  }

  async lockByTransferKey(tx: Tx, transferKey: string): Promise<Payout | null> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT ${COLUMNS} FROM payouts p WHERE p.transfer_key = ${transferKey}::uuid FOR UPDATE`;
    return rows[0] ? toPayout(rows[0]) : null;
  }

  async byRequestKey(tx: Tx, requestKey: string): Promise<Payout | null> {
    const rows = await tx.$queryRaw<Row[]>`SELECT ${COLUMNS} FROM payouts p WHERE p.request_key = ${requestKey}`;
    return rows[0] ? toPayout(rows[0]) : null;
  }

  /** The caller sets its money aside in the same transaction. */
  async insert(tx: Tx, payout: NewPayout): Promise<Payout> {
    const now = this.clock.now();
    const id = newId('po', this.clock.wall().getTime());
    const transferKey = randomUUID();
    const { quote } = payout;
    await tx.$executeRaw`INSERT INTO transfer_owners (transfer_key, payout_id) VALUES (${transferKey}::uuid, ${id})`;
    await tx.$executeRaw`
      INSERT INTO payouts (id, status, decision, beneficiary_id, customer_id, transfer_key, request_key, reference, source_currency,
        source_amount, fee, target_currency, target_amount, rate, quote_ref, quote_expires_at, reservations, prepared_by, prepared_at,
        attempts, updated_at)
      VALUES (${id}, 'queued', 'queued', ${payout.beneficiaryId}, ${payout.customerId}, ${transferKey}::uuid, ${payout.requestKey},
        ${payout.reference}, ${payout.sourceCurrency}, ${quote.sourceAmount}, ${quote.fee}, ${payout.targetCurrency},
        ${quote.targetAmount}, ${quote.rate}::numeric, ${quote.quoteRef}, ${quote.expiresAt}, 1, ${payout.preparedBy}, ${now}, 0,
        ${this.clock.wall()})`;
    const inserted = await this.byId(tx, id);
    if (!inserted) throw new Error(`Payout ${id} was written and is not there`);
    return inserted;
  }

  /** The same to the same since then, that was not ended by people: oldest first. */
  async alike(
    tx: Tx,
    { beneficiaryId, reference, targetAmount }: Pick<Payout, 'beneficiaryId' | 'reference' | 'targetAmount'>,
    since: Date,
  ): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM payouts WHERE beneficiary_id = ${beneficiaryId} AND prepared_at > ${since} AND target_amount = ${targetAmount}
        AND reference = ${reference} AND decision NOT IN ('rejected', 'canceled', 'refused')
      ORDER BY prepared_at, id`;
    return rows.map(({ id }) => id);
  }

  /**
   * What of our balance in a currency is promised to approved payouts that have not been paid for yet. Waits for others who are just
   * approving from it.
   * @param askedAt by our wall clock, when the balance was asked for: what was paid for since then may still be in it.
   */
  async promised(tx: Tx, currency: string, except: string, askedAt: Date): Promise<bigint> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`payouts:balance:${currency}`}, 0))`;
    const rows = await tx.$queryRaw<{ sum: bigint }[]>`
      SELECT COALESCE(sum(p.source_amount), 0)::bigint AS sum FROM payouts p LEFT JOIN transfers t ON t.transfer_key = p.transfer_key
      WHERE p.source_currency = ${currency} AND p.decision = 'approved' AND p.status IN ('processing', 'requires_manual_funding')
        AND (NOT COALESCE(t.was_funded, false) OR t.updated_at >= ${askedAt}) AND p.id <> ${except}`;
    return rows[0]?.sum ?? 0n;
  }

  async change(tx: Tx, id: string, { quote, offeredQuote, ...columns }: PayoutChange): Promise<void> {
    const figures = quote && {
      ...{ sourceAmount: quote.sourceAmount, fee: quote.fee, rate: quote.rate },
      ...{ quoteRef: quote.quoteRef, quoteExpiresAt: quote.expiresAt },
    };
    await tx.payout.update({
      where: { id },
      data: {
        ...columns,
        ...figures,
        ...(offeredQuote !== undefined && {
          offeredQuote: offeredQuote === null ? Prisma.DbNull : toJson(offeredQuote),
        }),
        updatedAt: this.clock.wall(),
      },
      select: { id: true },
    });
  }

  /** The caller holds the row. */
  async note(tx: Tx, payoutId: string, change: Change): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO payout_history (payout_id, position, from_status, to_status, occurred_at, recorded_at, source, actor, source_id, reason)
      SELECT ${payoutId}, COALESCE(max(position), 0) + 1, ${change.fromStatus}, ${change.toStatus}, ${change.occurredAt},
        ${this.clock.wall()}, ${change.source}, ${change.actor}, ${change.sourceId}, ${change.reason}
      FROM payout_history WHERE payout_id = ${payoutId}`;
  }

  history(tx: Tx, payoutId: string): Promise<HistoryEntry[]> {
    return tx.$queryRaw<HistoryEntry[]>`
      SELECT position, from_status AS "fromStatus", to_status AS "toStatus", occurred_at AS "occurredAt", recorded_at AS "recordedAt",
        source, actor, source_id AS "sourceId", reason
      FROM payout_history WHERE payout_id = ${payoutId} ORDER BY position`;
  }

  /** Newest first. */
  async list(
    tx: Tx,
    { status, beneficiaryId, customerId }: PayoutFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<Payout[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT ${COLUMNS} FROM payouts p
      WHERE (${status ?? null}::text IS NULL OR p.status = ${status ?? null})
        AND (${beneficiaryId ?? null}::text IS NULL OR p.beneficiary_id = ${beneficiaryId ?? null})
        AND (${customerId ?? null}::text IS NULL OR p.customer_id = ${customerId ?? null})
        AND (${after?.createdAt ?? null}::timestamptz IS NULL
          OR (p.prepared_at, p.id) < (${after?.createdAt ?? null}::timestamptz, ${after?.id ?? null}))
      ORDER BY p.prepared_at DESC, p.id DESC LIMIT ${limit}`;
    return rows.map(toPayout);
  }
}

function toPayout({ offeredQuote, ...row }: Row): Payout {
  return { ...row, offeredQuote: offeredQuote && fromJson(offeredQuote) };
}

function toJson(quote: QuoteFigures): { [K in keyof QuoteJson]: string } {
  const { quoteRef, rate, sourceAmount, fee, targetAmount, expiresAt } = quote;
  return {
    ...{ quoteRef, rate, sourceAmount: String(sourceAmount), fee: String(fee), targetAmount: String(targetAmount) },
    expiresAt: expiresAt.toISOString(),
  };
}

function fromJson(json: QuoteJson): QuoteFigures {
  const { quoteRef, rate, sourceAmount, fee, targetAmount, expiresAt } = json;
  return {
    ...{ quoteRef, rate, expiresAt: new Date(expiresAt) },
    ...{ sourceAmount: BigInt(sourceAmount), fee: BigInt(fee), targetAmount: BigInt(targetAmount) },
  };
}
