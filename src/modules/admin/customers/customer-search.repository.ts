import { Injectable } from '@nestjs/common';
import { Prisma } from '../../../generated/prisma/client';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';

/** A customer in a list. */
export interface FoundCustomer {
  id: string;
  userId: string;
  email: string | null;
  createdAt: Date;
  trialUsedAt: Date | null;
}

/** The first column of the keys that name a provider's object: named, so that the key as a whole is searched. */
const PROVIDERS = Prisma.sql`ARRAY['stripe', 'apple', 'google', 'wise']`;
/** No text sorts behind it, by bytes. */
const LAST_CHARACTER = '\u{10FFFF}';

@Injectable()
export class CustomerSearchRepository {
  /** Newest first. @param after keyset: customers older than this place. */
  async find(tx: Tx, query: string, limit: number, after: Keyset | undefined): Promise<FoundCustomer[]> {
    return tx.$queryRaw<FoundCustomer[]>(findCustomers(query, limit, after));
  }
}

/**
 * Pure: the one statement of a search. Each way in which a customer can be meant is a look into an index of its own; only
 * a prefix of e-mails can mean many, and of those no more than a page is fetched.
 */
export function findCustomers(query: string, limit: number, after: Keyset | undefined): Prisma.Sql {
  const older =
    after === undefined ? Prisma.empty : Prisma.sql`AND (c.created_at, c.id) < (${after.createdAt}, ${after.id})`;
  const page = Prisma.sql`ORDER BY c.created_at DESC, c.id DESC LIMIT ${limit}`;
  const columns = Prisma.sql`c.id, c.user_id AS "userId", c.email, c.created_at AS "createdAt", c.trial_used_at AS "trialUsedAt"`;
  if (query === '') return Prisma.sql`SELECT ${columns} FROM customers c WHERE true ${older} ${page}`;
  const q = Prisma.sql`${query}::text`;
  return Prisma.sql`
    WITH meant AS (
      SELECT id FROM customers WHERE id = ${q}
      UNION SELECT id FROM customers WHERE user_id = ${q}
      UNION (SELECT c.id FROM customers c
        WHERE lower(c.email) COLLATE "C" >= lower(${q}) AND lower(c.email) COLLATE "C" < lower(${query + LAST_CHARACTER}::text)
          ${older} ${page})
      UNION SELECT customer_id FROM customer_accounts WHERE provider = ANY (${PROVIDERS}) AND provider_id = ${q}
      UNION SELECT customer_id FROM subscriptions WHERE id = ${q}
      UNION SELECT customer_id FROM subscriptions WHERE provider = ANY (${PROVIDERS}) AND provider_id = ${q}
      UNION SELECT customer_id FROM invoices WHERE id = ${q}
      UNION SELECT customer_id FROM invoices WHERE provider = ANY (${PROVIDERS}) AND provider_id = ${q}
      UNION SELECT customer_id FROM invoices WHERE number = ${q}
      UNION SELECT customer_id FROM payments WHERE id = ${q}
      UNION SELECT customer_id FROM payments WHERE provider = ANY (${PROVIDERS}) AND provider_id = ${q})
    SELECT ${columns} FROM meant JOIN customers c ON c.id = meant.id WHERE true ${older} ${page}`;
}
