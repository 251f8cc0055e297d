import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import type { Tx } from '../../platform/database';

export interface Customer {
  id: string;
  userId: string;
  email: string | null;
  trialUsedAt: Date | null;
  /** From then on he is a pseudonym. */
  erasedAt: Date | null;
}

@Injectable()
export class CustomersRepository {
  async byUser(tx: Tx, userId: string): Promise<Customer | null> {
    return tx.customer.findUnique({ where: { userId } });
  }

  async byId(tx: Tx, id: string): Promise<Customer | null> {
    return tx.customer.findUnique({ where: { id } });
  }

  /** Concurrent first writes make one customer. */
  async ensure(tx: Tx, customer: { id: string; userId: string; email: string | null; at: Date }): Promise<Customer> {
    const rows = await tx.$queryRaw<Customer[]>`
      INSERT INTO customers (id, user_id, email, created_at, updated_at)
      VALUES (${customer.id}, ${customer.userId}, ${customer.email}, ${customer.at}, ${customer.at})
      ON CONFLICT (user_id) DO UPDATE SET email = COALESCE(EXCLUDED.email, customers.email), updated_at = EXCLUDED.updated_at
      RETURNING id, user_id AS "userId", email, trial_used_at AS "trialUsedAt", erased_at AS "erasedAt"`;
    const row = rows[0];
    if (!row) throw new Error('An upsert returned no row');
    return row;
  }

  /** The first account: the one Kassa made, where it made one. */
  async accountOf(tx: Tx, customerId: string, provider: Provider): Promise<string | null> {
    const account = await tx.customerAccount.findFirst({
      where: { customerId, provider },
      orderBy: [{ createdAt: 'asc' }, { providerId: 'asc' }],
    });
    return account?.providerId ?? null;
  }

  /** The customers of ours behind a provider's, by its ids. One statement. */
  async ownersOf(tx: Tx, provider: Provider, providerIds: readonly string[]): Promise<Map<string, string>> {
    if (providerIds.length === 0) return new Map();
    const rows = await tx.$queryRaw<{ ref: string; customerId: string }[]>`
      SELECT provider_id AS ref, customer_id AS "customerId" FROM customer_accounts
      WHERE provider = ${provider} AND provider_id = ANY (${providerIds})`;
    return new Map(rows.map(({ ref, customerId }) => [ref, customerId]));
  }

  /** An account belongs to whom it was first linked to. */
  async link(tx: Tx, provider: Provider, providerId: string, customerId: string, at: Date): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO customer_accounts (provider, provider_id, customer_id, created_at)
      VALUES (${provider}, ${providerId}, ${customerId}, ${at}) ON CONFLICT DO NOTHING`;
  }

  /** The one exception to it: support has looked at who bought it. */
  async relink(tx: Tx, provider: Provider, providerId: string, customerId: string): Promise<void> {
    await tx.$executeRaw`
      UPDATE customer_accounts SET customer_id = ${customerId} WHERE provider = ${provider} AND provider_id = ${providerId}`;
  }

  /** The first trial counts, however often its facts arrive. In one order, so that two units of work never wait in a ring. */
  async markTrialsUsed(tx: Tx, trials: readonly TrialUse[]): Promise<void> {
    if (trials.length === 0) return;
    await tx.$executeRaw`
      WITH used AS (
        SELECT "customerId" AS id, min(at) AS at FROM jsonb_to_recordset(${JSON.stringify(trials)}::jsonb) AS t ("customerId" text, at timestamptz)
        GROUP BY 1),
      held AS (
        SELECT c.id, used.at FROM customers c JOIN used USING (id)
        WHERE c.trial_used_at IS NULL OR c.trial_used_at > used.at ORDER BY c.id FOR NO KEY UPDATE OF c)
      UPDATE customers c SET trial_used_at = held.at FROM held WHERE c.id = held.id`;
  }
}

export interface TrialUse {
  customerId: string;
  at: Date;
}
