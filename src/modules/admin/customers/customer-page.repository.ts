import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { ExplainedGrant, FeatureWithGrants } from './domain/why-access';
import type { FoundCustomer } from './customer-search.repository';

export interface Account {
  provider: string;
  providerId: string;
  createdAt: Date;
}

/** Minor units of one currency. */
export interface CurrencyTotals {
  currency: string;
  paid: bigint;
  refunded: bigint;
}

export interface OpenTicket {
  id: string;
  type: string;
  priority: string;
  status: string;
  summary: string;
  assigneeId: string | null;
  createdAt: Date;
}

interface GrantRow extends Omit<ExplainedGrant, 'subscription'> {
  key: string;
  name: string;
  type: FeatureWithGrants['type'];
  subscriptionStatus: string | null;
}

/** No more of anything is shown on a page. */
const MOST = 100;

@Injectable()
export class CustomerPageRepository {
  async customer(tx: Tx, id: string): Promise<FoundCustomer | null> {
    const rows = await tx.$queryRaw<FoundCustomer[]>`
      SELECT id, user_id AS "userId", email, created_at AS "createdAt", trial_used_at AS "trialUsedAt"
      FROM customers WHERE id = ${id}`;
    return rows[0] ?? null;
  }

  async accounts(tx: Tx, customerId: string): Promise<Account[]> {
    return tx.$queryRaw<Account[]>`
      SELECT provider, provider_id AS "providerId", created_at AS "createdAt" FROM customer_accounts
      WHERE customer_id = ${customerId} ORDER BY created_at, provider, provider_id LIMIT ${MOST}`;
  }

  /** What he has paid, outside the providers too, and what of it went back. */
  async totals(tx: Tx, customerId: string): Promise<CurrencyTotals[]> {
    return tx.$queryRaw<CurrencyTotals[]>`
      WITH moved AS (
        SELECT currency, amount_paid AS paid, 0 AS refunded FROM invoices WHERE customer_id = ${customerId}
        UNION ALL SELECT currency, 0, amount_refunded FROM payments WHERE customer_id = ${customerId})
      SELECT currency, sum(paid)::bigint AS paid, sum(refunded)::bigint AS refunded FROM moved
      GROUP BY currency HAVING sum(paid) <> 0 OR sum(refunded) <> 0 ORDER BY currency`;
  }

  /** Every feature, with all grants of the customer's, live or not. */
  async grants(tx: Tx, customerId: string): Promise<FeatureWithGrants[]> {
    const rows = await tx.$queryRaw<(GrantRow | (Omit<GrantRow, 'id'> & { id: null }))[]>`
      SELECT f.key, f.name, f.type, g.id, g.source, g.source_id AS "sourceId", g."limit", g.additive, g.until, g.revoked_at AS "revokedAt",
        g.created_at AS "createdAt", s.status AS "subscriptionStatus"
      FROM features f
      LEFT JOIN entitlement_grants g ON g.feature_id = f.id AND g.customer_id = ${customerId}
      LEFT JOIN subscriptions s ON s.id = g.source_id
      ORDER BY f.position, f.key, g.id`;
    const features = new Map<string, FeatureWithGrants & { grants: ExplainedGrant[] }>();
    for (const { key, name, type, subscriptionStatus, ...grant } of rows) {
      const feature = features.get(key) ?? { key, name, type, grants: [] };
      features.set(key, feature);
      if (grant.id === null) continue;
      const subscription = subscriptionStatus === null ? null : { status: subscriptionStatus };
      feature.grants.push({ ...grant, subscription });
    }
    return [...features.values()];
  }

  /** The newest first. */
  async openTickets(tx: Tx, customerId: string): Promise<OpenTicket[]> {
    return tx.$queryRaw<OpenTicket[]>`
      SELECT id, type, priority, status, summary, assignee_id AS "assigneeId", created_at AS "createdAt"
      FROM payment_support_tickets WHERE customer_id = ${customerId} AND status <> 'resolved'
      ORDER BY created_at DESC, id DESC LIMIT ${MOST}`;
  }
}
