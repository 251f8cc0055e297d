import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Outcome, Reason } from './domain/evaluate';

/** What may be attempted, as the house's audit log names it. */
export const PAYMENT_ACTIONS = [
  'subscription.create',
  'checkout.create',
  'subscription.change_plan',
  'subscription.resume',
  'invoice.pay',
  'payment_method.setup',
] as const;
export type PaymentAction = (typeof PAYMENT_ACTIONS)[number];

export interface NewDecision {
  dedupeKey: string;
  /** Business time. */
  at: Date;
  customerId: string;
  action: PaymentAction;
  outcome: Outcome;
  /** Something a rule asks for could not be read. */
  degraded: boolean;
  reasons: readonly Reason[];
  requestId: string | null;
  /** Minor units; null, with the currency, where nothing is charged. */
  amount: bigint | null;
  currency: string | null;
  ipHash: string | null;
  cardHash: string | null;
}

export interface FraudDecision extends Omit<NewDecision, 'dedupeKey'> {
  id: string;
}

export interface DecisionFilter {
  customerId?: string | undefined;
  outcome?: Outcome | undefined;
  /** Inclusive. */
  from?: Date | undefined;
  /** Exclusive. */
  to?: Date | undefined;
}

const COLUMNS = Prisma.sql`id, at, customer_id AS "customerId", action, outcome, degraded, reasons, request_id AS "requestId", amount,
  currency, ip_hash AS "ipHash", card_hash AS "cardHash"`;

/** What was decided, for good, and what became of the attempts that were let through. */
@Injectable()
export class FraudDecisionsRepository {
  constructor(private readonly clock: Clock) {}

  /** What was decided of a request before; null for a new one. */
  async byKey(tx: Tx, dedupeKey: string): Promise<FraudDecision | null> {
    const rows = await tx.$queryRaw<FraudDecision[]>`
      SELECT ${COLUMNS} FROM fraud_decisions WHERE dedupe_key = ${dedupeKey}`;
    return rows[0] ?? null;
  }

  /** Newest first. @param after keyset: decisions older than (createdAt, id). */
  async list(
    tx: Tx,
    filter: DecisionFilter,
    limit: number,
    after: { createdAt: Date; id: string } | null,
  ): Promise<FraudDecision[]> {
    const { customerId, outcome, from, to } = filter;
    const given = [
      ...(customerId === undefined ? [] : [Prisma.sql`customer_id = ${customerId}`]),
      ...(outcome === undefined ? [] : [Prisma.sql`outcome = ${outcome}`]),
      ...(from === undefined ? [] : [Prisma.sql`at >= ${from}`]),
      ...(to === undefined ? [] : [Prisma.sql`at < ${to}`]),
      ...(after === null ? [] : [Prisma.sql`(at, id) < (${after.createdAt}, ${after.id})`]),
    ];
    const where = given.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(given, ' AND ')}`;
    return tx.$queryRaw<FraudDecision[]>`
      SELECT ${COLUMNS} FROM fraud_decisions ${where} ORDER BY at DESC, id DESC LIMIT ${limit}`;
  }

  /** Writes a decision and, unless it blocks, the attempt it lets through, whose end nobody knows yet. */
  async record(tx: Tx, decision: NewDecision): Promise<FraudDecision> {
    const wall = this.clock.wall().getTime();
    const id = newId('frd', wall);
    const { dedupeKey, at, customerId, action, outcome, degraded, requestId, amount, currency, ipHash, cardHash } =
      decision;
    await tx.$executeRaw`
      INSERT INTO fraud_decisions (id, dedupe_key, at, customer_id, action, outcome, degraded, reasons, request_id, amount, currency,
        ip_hash, card_hash)
      VALUES (${id}, ${dedupeKey}, ${at}, ${customerId}, ${action}, ${outcome}, ${degraded}, ${JSON.stringify(decision.reasons)}::jsonb,
        ${requestId}, ${amount}, ${currency}, ${ipHash}, ${cardHash})`;
    if (outcome !== 'block') {
      await tx.$executeRaw`
        INSERT INTO payment_attempts (id, decision_id, customer_id, action, ip_hash, card_hash, amount, currency, at, outcome)
        VALUES (${newId('pat', wall)}, ${id}, ${customerId}, ${action}, ${ipHash}, ${cardHash}, ${amount}, ${currency}, ${at}, 'pending')`;
    }
    return { ...decision, id };
  }

  /**
   * What became of the attempt. The first word of a bank or of success stays; a failure that was not the card's may still
   * turn into either when the request is repeated.
   */
  async settle(tx: Tx, decisionId: string, end: AttemptEnd): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_attempts SET outcome = ${end.outcome}, decline_code = ${end.declineCode}, settled_at = ${this.clock.now()}
      WHERE decision_id = ${decisionId} AND (outcome = 'pending' OR (outcome = 'failed' AND decline_code IS NULL))`;
  }
}

export interface AttemptEnd {
  outcome: 'succeeded' | 'failed';
  /** The bank's word; null where the card was not the reason. */
  declineCode: string | null;
}
