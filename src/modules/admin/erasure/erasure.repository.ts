import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';

/** Somebody to be erased. */
export interface ErasableCustomer {
  id: string;
  /** The token's `sub`, or `erased:<id>` where it is done. */
  userId: string;
  email: string | null;
  erasedAt: Date | null;
  accounts: { provider: string; providerId: string }[];
}

/** What stands in the way, by the id of the first of its kind. */
export interface Obstacles {
  subscriptionId: string | null;
  invoiceId: string | null;
  disputeId: string | null;
  payoutId: string | null;
  /** A call to a provider without its outcome, or an event that is not handled yet. */
  underWay: boolean;
}

export const ERASURE = 'customer.erase';

/** All rows that name a person, but for the bodies of his events. */
@Injectable()
export class ErasureRepository {
  /** Holds him to the end of the transaction. */
  async lock(tx: Tx, id: string): Promise<ErasableCustomer | null> {
    const rows = await tx.$queryRaw<ErasableCustomer[]>`
      SELECT c.id, c.user_id AS "userId", c.email, c.erased_at AS "erasedAt", COALESCE((
          SELECT jsonb_agg(jsonb_build_object('provider', o.provider, 'providerId', o.provider_id) ORDER BY o.created_at, o.provider_id)
          FROM customer_accounts o WHERE o.customer_id = c.id), '[]') AS accounts
      FROM customers c WHERE c.id = ${id} FOR UPDATE`;
    return rows[0] ?? null;
  }

  async obstacles(tx: Tx, id: string): Promise<Obstacles> {
    const rows = await tx.$queryRaw<Obstacles[]>`
      SELECT
        (SELECT s.id FROM subscriptions s WHERE s.customer_id = ${id} AND s.status NOT IN ('canceled', 'incomplete_expired')
         ORDER BY s.id LIMIT 1) AS "subscriptionId",
        (SELECT i.id FROM invoices i WHERE i.customer_id = ${id} AND i.status = 'open' ORDER BY i.id LIMIT 1) AS "invoiceId",
        (SELECT d.id FROM disputes d WHERE d.customer_id = ${id} AND d.status IN ('warning_needs_response', 'warning_under_review',
           'needs_response', 'under_review') ORDER BY d.id LIMIT 1) AS "disputeId",
        (SELECT p.id FROM payouts p JOIN beneficiaries b ON b.id = p.beneficiary_id WHERE b.customer_id = ${id}
           AND p.status IN ('queued', 'awaiting_second_approval', 'processing', 'requires_manual_funding', 'bounced')
         ORDER BY p.id LIMIT 1) AS "payoutId",
        EXISTS (SELECT FROM provider_intents p WHERE p.customer_id = ${id} AND p.settled_at IS NULL AND p.kind <> ${ERASURE})
          OR EXISTS (SELECT FROM customer_accounts o JOIN inbox_events e ON e.aggregate = o.provider || ':' || o.provider_id
            WHERE o.customer_id = ${id} AND e.handled_at IS NULL) AS "underWay"`;
    return rows[0] ?? { subscriptionId: null, invoiceId: null, disputeId: null, payoutId: null, underWay: false };
  }

  /** From here on he is a pseudonym. First of all: the rows that never change let his name go only once he is erased. */
  async pseudonymise(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.$executeRaw`
      UPDATE customers SET email = NULL, user_id = 'erased:' || id, erased_at = COALESCE(erased_at, ${at}), updated_at = ${at}
      WHERE id = ${id} AND erased_at IS NULL`;
  }

  /** What people wrote of him, and his user id wherever it stands. @param userId what he was before `pseudonymise`. */
  async eraseRows(tx: Tx, id: string, userId: string): Promise<void> {
    const pseudonym = `erased:${id}`;
    const scope = `user:${userId}`;
    // As keys of requests name who made them.
    const [key, other] = [`:${scope}:`, `:user:${pseudonym}:`];
    await tx.$executeRaw`
      UPDATE payment_support_tickets SET note = CASE WHEN customer_id = ${id} THEN NULL ELSE note END,
        assignee_id = CASE assignee_id WHEN ${userId} THEN ${pseudonym} ELSE assignee_id END,
        resolved_by = CASE resolved_by WHEN ${userId} THEN ${pseudonym} ELSE resolved_by END
      WHERE (customer_id = ${id} AND note IS NOT NULL) OR assignee_id = ${userId} OR resolved_by = ${userId}`;
    await tx.$executeRaw`
      UPDATE support_ticket_notes n SET
        text = CASE WHEN k.customer_id = ${id} AND n.author_type = 'user' THEN NULL ELSE n.text END,
        author_id = CASE n.author_id WHEN ${userId} THEN ${pseudonym} ELSE n.author_id END
      FROM payment_support_tickets k
      WHERE k.id = n.ticket_id AND ((k.customer_id = ${id} AND n.author_type = 'user') OR n.author_id = ${userId})`;
    await tx.$executeRaw`DELETE FROM idempotency_keys WHERE scope = ${scope}`;
    // As whom he was paid. That he was, and how much, stays; the provider is told in a moment to forget him.
    await tx.$executeRaw`
      UPDATE beneficiaries SET status = 'erased', sealed = NULL, fingerprint = NULL, updated_at = statement_timestamp(),
        archived_at = COALESCE(archived_at, statement_timestamp())
      WHERE customer_id = ${id} AND status <> 'erased'`;
    // What he was told, and where: mail that lies in the outbox and what his devices got go with the messages.
    await tx.$executeRaw`DELETE FROM notifications WHERE customer_id = ${id}`;
    await tx.$executeRaw`DELETE FROM notification_devices WHERE customer_id = ${id}`;
    await tx.$executeRaw`DELETE FROM notification_preferences WHERE customer_id = ${id}`;
    await tx.$executeRaw`DELETE FROM notification_settings WHERE customer_id = ${id}`;
    await tx.$executeRaw`
      UPDATE provider_intents SET dedupe_key = replace(dedupe_key, ${key}, ${other})
      WHERE customer_id = ${id} AND position(${key} IN dedupe_key) > 0`;
    await tx.$executeRaw`
      UPDATE payment_recovery_attempts SET request_key = replace(request_key, ${key}, ${other}),
        requested_by = CASE requested_by WHEN ${userId} THEN ${pseudonym} ELSE requested_by END
      WHERE position(${key} IN request_key) > 0 OR requested_by = ${userId}`;
    await tx.$executeRaw`
      UPDATE fraud_decisions SET dedupe_key = replace(dedupe_key, ${key}, ${other})
      WHERE customer_id = ${id} AND position(${key} IN dedupe_key) > 0`;
    await tx.$executeRaw`
      UPDATE audit_log SET actor_id = ${pseudonym} WHERE actor_id = ${userId}`;
    // Operators may be customers too.
    await tx.$executeRaw`
      UPDATE discounts SET request_key = ${`user:${pseudonym}:`} || substr(request_key, ${scope.length + 2}::int)
      WHERE starts_with(request_key, ${`${scope}:`})`;
    await tx.$executeRaw`
      UPDATE payout_batches SET prepared_by = CASE prepared_by WHEN ${userId} THEN ${pseudonym} ELSE prepared_by END,
        canceled_by = CASE canceled_by WHEN ${userId} THEN ${pseudonym} ELSE canceled_by END,
        request_key = CASE WHEN starts_with(request_key, ${`${scope}:`})
          THEN ${`user:${pseudonym}:`} || substr(request_key, ${scope.length + 2}::int) ELSE request_key END
      WHERE prepared_by = ${userId} OR canceled_by = ${userId} OR starts_with(request_key, ${`${scope}:`})`;
  }
}
