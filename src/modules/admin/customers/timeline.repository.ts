import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';
import type { TimelineEntry } from './domain/timeline-words';

/** What one kind of entry is read from. All parts but `from` are the columns of the entry. */
interface Branch {
  /** When it happened: the second column of the index that the branch is read by. */
  at: Prisma.Sql;
  /** Unique among all entries; orders those of one moment. */
  key: Prisma.Sql;
  type: Prisma.Sql;
  objectType: Prisma.Sql;
  objectId: Prisma.Sql;
  amount?: Prisma.Sql;
  currency?: Prisma.Sql;
  source: Prisma.Sql;
  /** What the sentence about it is made of, `jsonb`. */
  words: Prisma.Sql;
  /** Tables and conditions; names the customer as the first column of the index. The page's own follow behind. */
  from: (customerId: string, older: Prisma.Sql, latest: Prisma.Sql) => Prisma.Sql;
}

const SUBSCRIPTION_CHANGES: Branch = {
  at: Prisma.sql`h.at`,
  key: Prisma.sql`h.id`,
  type: Prisma.sql`'subscription.' || h.type`,
  objectType: Prisma.sql`'subscription'`,
  objectId: Prisma.sql`h.subscription_id`,
  source: Prisma.sql`s.provider`,
  words: Prisma.sql`jsonb_build_object('fromPlan', f.name, 'toPlan', t.name, 'fromStatus', h.from_status, 'toStatus', h.to_status)`,
  from: (customerId) => Prisma.sql`subscription_changes h JOIN subscriptions s ON s.id = h.subscription_id
    LEFT JOIN plans f ON f.id = h.from_plan_id JOIN plans t ON t.id = h.to_plan_id WHERE h.customer_id = ${customerId}`,
};

/** An invoice comes into the stream once for each thing that happened to it. */
function invoiceBranch(what: 'finalized' | 'paid' | 'payment_failed', at: Prisma.Sql, amount: Prisma.Sql): Branch {
  return {
    at,
    key: Prisma.sql`i.id || ${`:${what}`}`,
    type: Prisma.sql`${`invoice.${what}`}::text`,
    objectType: Prisma.sql`'invoice'`,
    objectId: Prisma.sql`i.id`,
    amount,
    currency: Prisma.sql`i.currency`,
    source: Prisma.sql`i.provider`,
    words: Prisma.sql`jsonb_build_object('number', i.number)`,
    from: (customerId) => Prisma.sql`invoices i WHERE i.customer_id = ${customerId} AND ${at} IS NOT NULL`,
  };
}

/** What only the books tell the time of. */
function invoiceJournalBranch(type: 'invoice.voided' | 'invoice.uncollectible'): Branch {
  return {
    at: Prisma.sql`j.ts`,
    key: Prisma.sql`j.id`,
    type: Prisma.sql`j.type`,
    objectType: Prisma.sql`'invoice'`,
    objectId: Prisma.sql`j.ref_id`,
    amount: Prisma.sql`i.amount_due`,
    currency: Prisma.sql`i.currency`,
    source: Prisma.sql`j.provider`,
    words: Prisma.sql`jsonb_build_object('number', i.number)`,
    from: (customerId) => Prisma.sql`journal_transactions j LEFT JOIN invoices i ON i.id = j.ref_id
      WHERE j.customer_id = ${customerId} AND j.type = ${type}`,
  };
}

const PAYMENTS: Branch = {
  at: Prisma.sql`p.created_at`,
  key: Prisma.sql`p.id`,
  type: Prisma.sql`'payment.' || p.status`,
  objectType: Prisma.sql`'payment'`,
  objectId: Prisma.sql`p.id`,
  amount: Prisma.sql`p.amount`,
  currency: Prisma.sql`p.currency`,
  source: Prisma.sql`p.provider`,
  words: Prisma.sql`jsonb_build_object('declineCode', p.decline_code, 'brand', p.method_brand, 'last4', p.method_last4)`,
  from: (customerId) => Prisma.sql`payments p WHERE p.customer_id = ${customerId}`,
};

const REFUNDS: Branch = {
  at: Prisma.sql`r.created_at`,
  key: Prisma.sql`r.id`,
  type: Prisma.sql`'refund.' || r.status`,
  objectType: Prisma.sql`'refund'`,
  objectId: Prisma.sql`r.id`,
  amount: Prisma.sql`r.amount`,
  currency: Prisma.sql`r.currency`,
  source: Prisma.sql`r.provider`,
  words: Prisma.sql`jsonb_build_object('reason', r.reason, 'failure', r.failure_reason)`,
  from: (customerId) => Prisma.sql`refunds r WHERE r.customer_id = ${customerId}`,
};

const DISPUTES: Branch = {
  at: Prisma.sql`d.created_at`,
  key: Prisma.sql`d.id`,
  type: Prisma.sql`'dispute.' || d.status`,
  objectType: Prisma.sql`'dispute'`,
  objectId: Prisma.sql`d.id`,
  amount: Prisma.sql`d.amount`,
  currency: Prisma.sql`d.currency`,
  source: Prisma.sql`d.provider`,
  words: Prisma.sql`jsonb_build_object('reason', d.reason)`,
  from: (customerId) => Prisma.sql`disputes d WHERE d.customer_id = ${customerId}`,
};

const CREDIT_NOTES: Branch = {
  at: Prisma.sql`n.created_at`,
  key: Prisma.sql`n.id`,
  type: Prisma.sql`'credit_note.' || n.status`,
  objectType: Prisma.sql`'credit_note'`,
  objectId: Prisma.sql`n.id`,
  amount: Prisma.sql`n.total`,
  currency: Prisma.sql`n.currency`,
  source: Prisma.sql`n.provider`,
  words: Prisma.sql`jsonb_build_object('number', n.number)`,
  from: (customerId) => Prisma.sql`credit_notes n WHERE n.customer_id = ${customerId}`,
};

/** Given by us, and kept nowhere but in the books. */
const CREDITS: Branch = {
  at: Prisma.sql`j.ts`,
  key: Prisma.sql`j.id`,
  type: Prisma.sql`j.type`,
  objectType: Prisma.sql`'credit'`,
  objectId: Prisma.sql`j.ref_id`,
  amount: Prisma.sql`-x.amount`,
  currency: Prisma.sql`x.currency`,
  source: Prisma.sql`j.provider`,
  words: Prisma.sql`'{}'::jsonb`,
  from: (
    customerId,
  ) => Prisma.sql`journal_transactions j JOIN journal_entries x ON x.transaction_id = j.id AND x.account_code = 'customer.credit'
      WHERE j.customer_id = ${customerId} AND j.type = 'credit.granted'`,
};

const TICKET = {
  objectType: Prisma.sql`'ticket'`,
  objectId: Prisma.sql`k.id`,
  source: Prisma.sql`'kassa'`,
} as const;

const TICKETS_OPENED: Branch = {
  ...TICKET,
  at: Prisma.sql`k.created_at`,
  key: Prisma.sql`k.id || ':opened'`,
  type: Prisma.sql`'ticket.opened'`,
  words: Prisma.sql`jsonb_build_object('text', k.summary)`,
  from: (customerId) => Prisma.sql`payment_support_tickets k WHERE k.customer_id = ${customerId}`,
};

const TICKETS_RESOLVED: Branch = {
  ...TICKET,
  at: Prisma.sql`k.resolved_at`,
  key: Prisma.sql`k.id || ':resolved'`,
  type: Prisma.sql`'ticket.resolved'`,
  words: Prisma.sql`jsonb_build_object('text', k.summary, 'resolution', k.resolution)`,
  from: (customerId) =>
    Prisma.sql`payment_support_tickets k WHERE k.customer_id = ${customerId} AND k.resolved_at IS NOT NULL`,
};

function grantBranch(what: 'given' | 'revoked', at: Prisma.Sql): Branch {
  return {
    at,
    key: Prisma.sql`g.id || ${`:${what}`}`,
    type: Prisma.sql`${`grant.${what}`}::text`,
    objectType: Prisma.sql`'grant'`,
    objectId: Prisma.sql`g.id`,
    source: Prisma.sql`g.source`,
    words: Prisma.sql`jsonb_build_object('feature', f.name)`,
    from: (customerId) => Prisma.sql`entitlement_grants g JOIN features f ON f.id = g.feature_id
      WHERE g.customer_id = ${customerId} AND ${at} IS NOT NULL`,
  };
}

const AUDIT: Branch = {
  at: Prisma.sql`a.at`,
  key: Prisma.sql`a.id`,
  type: Prisma.sql`'audit.' || a.action`,
  objectType: Prisma.sql`a.object_type`,
  objectId: Prisma.sql`a.object_id`,
  source: Prisma.sql`a.actor_type`,
  words: Prisma.sql`jsonb_build_object('actor', a.actor_id)`,
  // Without the readings of his page: they would bury what was done.
  from: (customerId) => Prisma.sql`audit_log a WHERE a.customer_id = ${customerId} AND a.action <> 'customer.read'`,
};

const FAILED_EVENTS: Branch = {
  at: Prisma.sql`e.occurred_at`,
  key: Prisma.sql`e.id`,
  type: Prisma.sql`'event.failed'`,
  objectType: Prisma.sql`'event'`,
  objectId: Prisma.sql`e.id`,
  source: Prisma.sql`e.provider`,
  words: Prisma.sql`jsonb_build_object('text', e.type, 'code', e.error_context ->> 'code')`,
  // Of each account by itself: an index gives the latest of one, not of several.
  from: (customerId, older, latest) => Prisma.sql`customer_accounts o CROSS JOIN LATERAL (
      SELECT e.id, e.provider, e.type, e.occurred_at, e.error_context FROM inbox_events e
      WHERE e.status = 'failed' AND e.aggregate = o.provider || ':' || o.provider_id ${older} ${latest}) e
    WHERE o.customer_id = ${customerId}`,
};

const BRANCHES: readonly Branch[] = [
  SUBSCRIPTION_CHANGES,
  invoiceBranch('finalized', Prisma.sql`i.finalized_at`, Prisma.sql`i.amount_due`),
  invoiceBranch('paid', Prisma.sql`i.paid_at`, Prisma.sql`i.amount_paid`),
  invoiceBranch('payment_failed', Prisma.sql`i.first_failed_at`, Prisma.sql`i.amount_due`),
  invoiceJournalBranch('invoice.voided'),
  invoiceJournalBranch('invoice.uncollectible'),
  PAYMENTS,
  REFUNDS,
  DISPUTES,
  CREDIT_NOTES,
  CREDITS,
  TICKETS_OPENED,
  TICKETS_RESOLVED,
  grantBranch('given', Prisma.sql`g.created_at`),
  grantBranch('revoked', Prisma.sql`g.revoked_at`),
  AUDIT,
  FAILED_EVENTS,
];

@Injectable()
export class TimelineRepository {
  /** Newest first. @param after keyset: entries before this place, whose id is an entry's key. */
  async of(tx: Tx, customerId: string, limit: number, after: Keyset | undefined): Promise<TimelineEntry[]> {
    return tx.$queryRaw<TimelineEntry[]>(timelineOf(customerId, limit, after));
  }
}

/**
 * Pure: the one statement of a page. Each branch gives at most a page from the end of its own index, so that the cost is
 * that of a page and not of a customer's whole life.
 */
export function timelineOf(customerId: string, limit: number, after: Keyset | undefined): Prisma.Sql {
  const branches = BRANCHES.map((branch) => pageOfBranch(branch, customerId, limit, after));
  return Prisma.sql`
    SELECT * FROM (${Prisma.join(branches, ' UNION ALL ')}) AS entries
    ORDER BY at DESC, key COLLATE "C" DESC LIMIT ${limit}`;
}

function pageOfBranch(branch: Branch, customerId: string, limit: number, after: Keyset | undefined): Prisma.Sql {
  const { at, key, type, objectType, objectId, amount, currency, source, words, from } = branch;
  // The first half is what the index is entered by.
  const older =
    after === undefined
      ? Prisma.empty
      : Prisma.sql`AND ${at} <= ${after.createdAt} AND (${at} < ${after.createdAt} OR (${key}) COLLATE "C" < ${after.id})`;
  const latest = Prisma.sql`ORDER BY ${at} DESC, (${key}) COLLATE "C" DESC LIMIT ${limit}`;
  return Prisma.sql`(
    SELECT ${at} AS at, ${key} AS key, ${type} AS type, ${objectType} AS "objectType", ${objectId} AS "objectId",
      ${amount ?? Prisma.sql`NULL::bigint`} AS amount, ${currency ?? Prisma.sql`NULL::text`} AS currency,
      ${source} AS source, ${words} AS words
    FROM ${from(customerId, older, latest)} ${older} ${latest})`;
}
