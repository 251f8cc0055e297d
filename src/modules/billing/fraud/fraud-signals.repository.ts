import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Usual } from './domain/observations';
import type { FraudRule, Lookback } from './domain/rule';

/** Whose attempt it is. Hashes under every key in use, none for what is not known. */
export interface Subject {
  customerId: string;
  addressHashes: readonly string[];
  cardHashes: readonly string[];
}

/** More payments than these do not change what is usual. */
const USUAL_OF = 1_000;

/** As the partial indexes say it. */
const DECLINED = Prisma.sql`kind IN ('payment.failed', 'setup.failed')`;

/** All that looks back, as counts over indexes. Attempts declined in the browser are known by the provider's facts alone. */
@Injectable()
export class FraudSignalsRepository {
  /** One attempt after the other of one customer, address or card, so that each counts those before it. */
  async lock(tx: Tx, names: readonly string[]): Promise<void> {
    // In one order, so that two units of work never wait in a ring.
    for (const name of [...names].sort()) {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`fraud:${name}`}, 0))`;
    }
  }

  /** To the end of the transaction. @param ms of each statement. */
  async limitTime(tx: Tx, ms: number): Promise<void> {
    await tx.$queryRaw`SELECT set_config('statement_timeout', ${String(ms)}, true)`;
  }

  /** How often the rule's signal was seen; null where there is nobody to count for. */
  async count(tx: Tx, rule: FraudRule, subject: Subject, window: Lookback): Promise<number | null> {
    const query = countQuery(rule, subject, window);
    if (query === null) return null;
    const [row] = await tx.$queryRaw<{ n: number }[]>(Prisma.sql`SELECT (${query})::int AS n`);
    return row?.n ?? 0;
  }

  /** What the customer, or the house where null, used to pay in a currency. */
  async usual(tx: Tx, customerId: string | null, currency: string, since: Date): Promise<Usual> {
    const [row] = await tx.$queryRaw<Usual[]>(usualQuery(customerId, currency, since));
    return row ?? { samples: 0, median: null };
  }
}

/** The count as a scalar query; apart, so that its plan can be looked at. */
export function countQuery(rule: FraudRule, subject: Subject, window: Lookback): Prisma.Sql | null {
  const { customerId, addressHashes, cardHashes } = subject;
  const { since } = window;
  const own = Prisma.sql`SELECT ${customerId}::text`;
  switch (rule.signal) {
    case 'failures_of_customer':
      return greatest(failedAttempts(Prisma.sql`customer_id = ${customerId}`, window), failedFacts(own, since));
    case 'failures_of_card':
      return cardHashes.length === 0
        ? null
        : failedAttempts(Prisma.sql`card_hash = ANY (${cardHashes}::text[])`, window);
    case 'failures_of_ip': {
      if (addressHashes.length === 0) return null;
      const here = Prisma.sql`ip_hash = ANY (${addressHashes}::text[])`;
      const whoWasHere = Prisma.sql`SELECT customer_id FROM payment_attempts WHERE ${here} AND at > ${since}`;
      return greatest(failedAttempts(here, window), failedFacts(whoWasHere, since));
    }
    case 'cards_of_customer': {
      const seen = distinctCards(Prisma.sql`customer_id = ${customerId}`, cardHashes, since);
      return greatest(seen, distinctFaces(own, since));
    }
    case 'cards_of_ip':
      if (addressHashes.length === 0) return null;
      return distinctCards(Prisma.sql`ip_hash = ANY (${addressHashes}::text[])`, cardHashes, since);
    case 'setups_of_customer':
      return Prisma.sql`SELECT count(*) FROM payment_attempts
        WHERE customer_id = ${customerId} AND at > ${since} AND action = 'payment_method.setup'`;
    case 'small_failures_of_house':
      return Prisma.sql`SELECT count(*) FROM facts WHERE ${DECLINED} AND occurred_at > ${since}
        AND (kind = 'setup.failed'
          OR (payload ->> 'currency' = ${rule.currency} AND (payload ->> 'amount')::bigint <= ${rule.maxAmount}))`;
    case 'refunds_of_customer':
      return Prisma.sql`SELECT count(*) FROM refunds
        WHERE customer_id = ${customerId} AND created_at > ${since} AND status NOT IN ('failed', 'canceled')`;
    default:
      return null;
  }
}

/** @param customerId null: the whole house's. */
export function usualQuery(customerId: string | null, currency: string, since: Date): Prisma.Sql {
  const whose = customerId === null ? Prisma.empty : Prisma.sql`AND customer_id = ${customerId}`;
  return Prisma.sql`
    SELECT count(*)::int AS samples, percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) AS median FROM (
      SELECT amount FROM payments WHERE status = 'succeeded' AND currency = ${currency} AND created_at > ${since} ${whose}
      ORDER BY created_at DESC LIMIT ${USUAL_OF}) latest`;
}

/**
 * An attempt refused in our own call is told again by the provider's fact: the larger count has both sorts in it, the sum
 * would count one decline twice.
 */
function greatest(a: Prisma.Sql, b: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT GREATEST((${a}), (${b}))`;
}

/** Declined, or begun and never heard of again: who cuts the line must not be counted less. */
function failedAttempts(whose: Prisma.Sql, { since, lostBefore }: Lookback): Prisma.Sql {
  return Prisma.sql`SELECT count(*) FROM payment_attempts
    WHERE ${whose} AND at > ${since} AND (decline_code IS NOT NULL OR (outcome = 'pending' AND at < ${lostBefore}))`;
}

function failedFacts(customers: Prisma.Sql, since: Date): Prisma.Sql {
  return Prisma.sql`SELECT count(*) FROM facts
    WHERE ${DECLINED} AND occurred_at > ${since} AND aggregate IN (${aggregatesOf(customers)})`;
}

function distinctCards(whose: Prisma.Sql, cardHashes: readonly string[], since: Date): Prisma.Sql {
  return Prisma.sql`SELECT count(DISTINCT card_hash) FROM (
      SELECT card_hash FROM payment_attempts WHERE ${whose} AND at > ${since} AND card_hash <> ALL (${cardHashes}::text[])
      UNION ALL SELECT ${cardHashes[0] ?? null}::text) AS cards`;
}

/** Cards declined in the browser have no fingerprint here: brand and last four digits tell most of them apart. */
function distinctFaces(customers: Prisma.Sql, since: Date): Prisma.Sql {
  return Prisma.sql`SELECT count(DISTINCT (payload #>> '{method,brand}', payload #>> '{method,last4}')) FROM facts
    WHERE ${DECLINED} AND occurred_at > ${since} AND aggregate IN (${aggregatesOf(customers)})
      AND payload #>> '{method,last4}' IS NOT NULL`;
}

/** @param customers a query of customers' ids. */
function aggregatesOf(customers: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT provider || ':' || provider_id FROM customer_accounts WHERE customer_id IN (${customers})`;
}
