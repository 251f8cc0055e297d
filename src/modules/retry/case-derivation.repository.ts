import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { Prisma } from '../../generated/prisma/client';
import type { Tx } from '../../platform/database';
import { LIVE_STATUSES, type CaseEnd } from './domain/case-standing';
import type { Candidate, StandingCase } from './dunning-case';

/** Invoices of a subscription that goes on. The first one, and those made by hand, are no renewals. */
const RENEWALS = ['subscription_cycle', 'subscription_update', 'subscription_threshold'];

export const CASE_COLUMNS = Prisma.sql`c.id, c.customer_id AS "customerId", c.subscription_id AS "subscriptionId",
  c.invoice_id AS "invoiceId", c.provider, c.owner, c.status, c.close_reason AS "closeReason", c.opened_at AS "openedAt",
  c.grace_until AS "graceUntil", c.closed_at AS "closedAt", c.taken_over_at AS "takenOverAt", c.hold_reason AS "holdReason",
  c.end_action AS "endAction", c.end_invoice AS "endInvoice", c.ending_at AS "endingAt", c.next_action_at AS "nextActionAt",
  c.failures, c.late_paid_at AS "latePaidAt", c.created_at AS "createdAt"`;

/** A place in the order of declined invoices. */
export interface DeclinedPosition {
  provider: string;
  ref: string;
}

/** The part of a case that follows from mirror rows, and those rows. */
@Injectable()
export class CaseDerivationRepository {
  constructor(private readonly clock: Clock) {}

  /** Declined renewals that the subscription owes besides this one, oldest first: they wait for its case to end. */
  async owedBesides(
    tx: Tx,
    { subscriptionId, invoiceId }: { subscriptionId: string; invoiceId: string },
  ): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT i.id FROM subscriptions s JOIN invoices i ON i.provider = s.provider AND i.provider_subscription_id = s.provider_id
      WHERE s.id = ${subscriptionId} AND i.id <> ${invoiceId} AND i.status = 'open' AND i.first_failed_at IS NOT NULL
        AND i.billing_reason = ANY (${RENEWALS}) ORDER BY i.first_failed_at, i.id`;
    return rows.map(({ id }) => id);
  }

  /** Our ids of those subscriptions that have a case to be closed, or might get one; for most there is nothing to do. */
  async concerned(tx: Tx, provider: Provider, refs: readonly string[]): Promise<string[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT s.id FROM subscriptions s
      WHERE s.provider = ${provider} AND s.provider_id = ANY (${refs}) AND (
        EXISTS (SELECT FROM invoices i WHERE i.provider = s.provider AND i.provider_subscription_id = s.provider_id
          AND i.status = 'open' AND i.first_failed_at IS NOT NULL)
        OR EXISTS (SELECT FROM dunning_cases c WHERE c.subscription_id = s.id AND c.status IN ('open', 'exhausted')))
      ORDER BY s.id`;
    return rows.map(({ id }) => id);
  }

  /**
   * A page of the subscriptions with declined invoices, by their ids at the provider: our ids of those that have no case, or
   * one whose days of grace the plan has changed since.
   */
  async missing(
    tx: Tx,
    from: DeclinedPosition,
    limit: number,
  ): Promise<{ ids: string[]; last: DeclinedPosition | null }> {
    const rows = await tx.$queryRaw<(DeclinedPosition & { id: string | null })[]>`
      WITH page AS (
        SELECT DISTINCT provider, provider_subscription_id AS ref FROM invoices
        WHERE status = 'open' AND first_failed_at IS NOT NULL AND provider_subscription_id IS NOT NULL
          AND (provider, provider_subscription_id) > (${from.provider}, ${from.ref})
        ORDER BY provider, provider_subscription_id LIMIT ${limit})
      SELECT page.provider, page.ref, s.id FROM page
      LEFT JOIN LATERAL (
        SELECT s.id FROM subscriptions s
        WHERE s.provider = page.provider AND s.provider_id = page.ref AND s.status = ANY (${[...LIVE_STATUSES]})
          AND NOT EXISTS (SELECT FROM dunning_cases c WHERE c.subscription_id = s.id AND c.status IN ('open', 'exhausted')
            AND (c.status = 'exhausted' OR c.grace_until = COALESCE(s.grace_until, c.grace_until)))
        LIMIT 1) s ON true
      ORDER BY page.provider, page.ref`;
    const last = rows.at(-1);
    return { ids: rows.flatMap(({ id }) => id ?? []), last: last ? { provider: last.provider, ref: last.ref } : null };
  }

  /** Of each subscription, the first of its invoices that was declined and is still owed. */
  candidates(tx: Tx, subscriptionIds: readonly string[]): Promise<Candidate[]> {
    return tx.$queryRaw<Candidate[]>`
      SELECT s.customer_id AS "customerId", s.id AS "subscriptionId", i.id AS "invoiceId", s.provider,
        i.first_failed_at AS "openedAt", GREATEST(i.first_failed_at,
          COALESCE(s.grace_until, i.first_failed_at + p.grace_days * interval '24 hours')) AS "graceUntil"
      FROM unnest(${subscriptionIds}::text[]) AS w (id) JOIN subscriptions s ON s.id = w.id JOIN plans p ON p.id = s.plan_id
      -- One look into the index for each, whatever the tables are thought to hold.
      CROSS JOIN LATERAL (
        SELECT i.id, i.first_failed_at FROM invoices i
        WHERE i.provider = s.provider AND i.provider_subscription_id = s.provider_id AND i.status = 'open'
          AND i.first_failed_at IS NOT NULL AND i.billing_reason = ANY (${RENEWALS})
          AND NOT EXISTS (SELECT FROM dunning_cases c WHERE c.invoice_id = i.id AND c.status = 'exhausted')
        ORDER BY i.first_failed_at, i.id LIMIT 1) i
      WHERE s.status = ANY (${[...LIVE_STATUSES]})
        -- Of one that is marked unpaid, what led to it is paid first.
        AND NOT EXISTS (
          SELECT FROM dunning_cases c JOIN invoices owed ON owed.id = c.invoice_id AND owed.status = 'open'
          WHERE c.subscription_id = s.id AND c.status = 'exhausted' AND c.end_action = 'mark_unpaid')`;
  }

  /** The cases that may change with their mirror rows, held until the end of the transaction. */
  async lock(tx: Tx, subscriptionIds: readonly string[]): Promise<StandingCase[]> {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM dunning_cases
      WHERE subscription_id = ANY (${subscriptionIds}) AND (status = 'open' OR (status = 'exhausted' AND late_paid_at IS NULL))
      ORDER BY id FOR UPDATE`;
    if (rows.length === 0) return [];
    return tx.$queryRaw<StandingCase[]>`
      SELECT ${CASE_COLUMNS}, i.status AS "invoiceStatus", i.paid_at AS "invoicePaidAt", s.status AS "subscriptionStatus"
      FROM dunning_cases c JOIN invoices i ON i.id = c.invoice_id JOIN subscriptions s ON s.id = c.subscription_id
      WHERE c.id = ANY (${rows.map(({ id }) => id)})`;
  }

  /** One per invoice: a closed one is opened again. @returns those that were opened. */
  async open(
    tx: Tx,
    candidates: readonly Candidate[],
    ownerOf: (provider: Provider) => string,
  ): Promise<{ id: string; invoiceId: string }[]> {
    if (candidates.length === 0) return [];
    const at = this.clock.wall();
    const rows = candidates.map((candidate) => ({
      ...candidate,
      id: newId('case', at.getTime()),
      owner: ownerOf(candidate.provider),
    }));
    return tx.$queryRaw<{ id: string; invoiceId: string }[]>`
      INSERT INTO dunning_cases AS c (id, customer_id, subscription_id, invoice_id, provider, owner, status, opened_at, grace_until,
        next_action_at, created_at, updated_at)
      SELECT id, "customerId", "subscriptionId", "invoiceId", provider, owner, 'open', "openedAt", "graceUntil", ${this.clock.now()},
        ${at}, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (id text, "customerId" text, "subscriptionId" text,
        "invoiceId" text, provider text, owner text, "openedAt" timestamptz, "graceUntil" timestamptz)
      ON CONFLICT (invoice_id) DO UPDATE SET status = 'open', close_reason = NULL, closed_at = NULL, opened_at = EXCLUDED.opened_at,
        grace_until = EXCLUDED.grace_until, taken_over_at = NULL, hold_reason = NULL, next_action_at = EXCLUDED.next_action_at,
        updated_at = EXCLUDED.updated_at
      WHERE c.status IN ('closed', 'recovered')
      RETURNING c.id, c.invoice_id AS "invoiceId"`;
  }

  /** Ends them, and whatever was planned for them. What is under way ends by itself. */
  async close(tx: Tx, ends: readonly CaseEnd[]): Promise<void> {
    if (ends.length === 0) return;
    const [now, at] = [this.clock.now(), this.clock.wall()];
    const rows = ends.map(({ case: { id, invoicePaidAt }, status, reason }) => ({
      ...{ id, status, reason },
      closedAt: status === 'recovered' ? (invoicePaidAt ?? now) : now,
    }));
    await tx.$executeRaw`
      UPDATE dunning_cases c SET status = n.status, close_reason = n.reason, closed_at = n."closedAt", hold_reason = NULL,
        next_action_at = NULL, lease_until = NULL, updated_at = ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (id text, status text, reason text, "closedAt" timestamptz)
      WHERE c.id = n.id`;
    await this.cancelPlanned(
      tx,
      rows.map(({ id }) => id),
    );
  }

  async amend(tx: Tx, dates: readonly { caseId: string; openedAt: Date; graceUntil: Date }[]): Promise<void> {
    if (dates.length === 0) return;
    await tx.$executeRaw`
      UPDATE dunning_cases c SET opened_at = n."openedAt", grace_until = n."graceUntil", next_action_at = ${this.clock.now()},
        updated_at = ${this.clock.wall()}
      FROM jsonb_to_recordset(${JSON.stringify(dates)}::jsonb) AS n ("caseId" text, "openedAt" timestamptz, "graceUntil" timestamptz)
      WHERE c.id = n."caseId"`;
  }

  async markLate(tx: Tx, cases: readonly StandingCase[]): Promise<void> {
    if (cases.length === 0) return;
    const rows = cases.map(({ id, invoicePaidAt }) => ({ id, paidAt: invoicePaidAt ?? this.clock.now() }));
    await tx.$executeRaw`
      UPDATE dunning_cases c SET late_paid_at = n."paidAt", updated_at = ${this.clock.wall()}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n (id text, "paidAt" timestamptz) WHERE c.id = n.id`;
  }

  private async cancelPlanned(tx: Tx, caseIds: readonly string[]): Promise<void> {
    await tx.$executeRaw`
      UPDATE payment_recovery_attempts SET status = 'canceled', finished_at = ${this.clock.now()}, updated_at = ${this.clock.wall()}
      WHERE case_id = ANY (${caseIds}) AND status = 'scheduled'`;
    await tx.$executeRaw`
      UPDATE invoice_retry_schedules s SET next_attempt_at = NULL, updated_at = ${this.clock.wall()}
      FROM dunning_cases c WHERE c.invoice_id = s.invoice_id AND c.id = ANY (${caseIds}) AND s.next_attempt_at IS NOT NULL`;
  }
}
