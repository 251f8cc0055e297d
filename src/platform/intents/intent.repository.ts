import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import type { Intent, IntentFailure, IntentSpec, ProviderOutcome } from './intent.types';

/** Longer than any one call to a provider with its retries may take. */
const LEASE_MS = 60_000;

@Injectable()
export class IntentRepository {
  constructor(private readonly clock: Clock) {}

  /**
   * The intent of this key, new or known, and whether the caller now holds its lease. A settled one is only shown.
   * Throws a unique violation where the customer has another open intent of a kind that allows one at a time.
   */
  async begin(tx: Tx, spec: IntentSpec): Promise<{ intent: Intent; leased: boolean }> {
    const now = this.clock.wall();
    const id = newId('int', now.getTime());
    const leased = await tx.$queryRaw<Row[]>`
      INSERT INTO provider_intents AS i (id, provider, kind, customer_id, dedupe_key, params, state, attempts, lease_until, created_at)
      VALUES (${id}, ${spec.provider}, ${spec.kind}, ${spec.customerId}, ${spec.dedupeKey}, ${JSON.stringify(spec.params)}::jsonb,
        'pending', 1, ${this.leaseEnd(now)}, ${now})
      ON CONFLICT (dedupe_key) DO UPDATE SET attempts = i.attempts + 1, lease_until = EXCLUDED.lease_until, settled_at = NULL,
          state = CASE i.state WHEN 'failed' THEN 'pending' ELSE i.state END,
          key_generation = i.key_generation + CASE i.state WHEN 'failed' THEN 1 ELSE 0 END,
          called_at = CASE i.state WHEN 'failed' THEN NULL ELSE i.called_at END
        WHERE (i.settled_at IS NULL AND (i.lease_until IS NULL OR i.lease_until < ${now}))
          OR (i.state = 'failed' AND ${spec.reopen ?? false})
      RETURNING i.*`;
    const mine = leased[0];
    if (mine) return { intent: toIntent(mine), leased: true };
    const known = await this.byKey(tx, spec.dedupeKey);
    if (!known) throw new Error('An intent that conflicted is gone: intents are never deleted');
    return { intent: known, leased: false };
  }

  async byKey(tx: Tx, dedupeKey: string): Promise<Intent | null> {
    const rows = await tx.$queryRaw<Row[]>`SELECT * FROM provider_intents WHERE dedupe_key = ${dedupeKey}`;
    return rows[0] ? toIntent(rows[0]) : null;
  }

  /**
   * Whether the customer has an open intent of a kind besides this one. Waits for those who are just beginning one, so that
   * of two at once the second sees the first.
   */
  async hasOther(tx: Tx, customerId: string, kind: string, dedupeKey: string): Promise<boolean> {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`intent:${kind}:${customerId}`}, 0))`;
    const rows = await tx.$queryRaw<{ other: boolean }[]>`
      SELECT EXISTS (SELECT FROM provider_intents
        WHERE customer_id = ${customerId} AND kind = ${kind} AND settled_at IS NULL AND dedupe_key <> ${dedupeKey}) AS other`;
    return rows[0]?.other ?? false;
  }

  /** The customer's open intent of a kind, leased if nobody else holds it. */
  async takeOpen(tx: Tx, customerId: string, kind: string): Promise<Intent | null> {
    const now = this.clock.wall();
    const rows = await tx.$queryRaw<Row[]>`
      UPDATE provider_intents SET attempts = attempts + 1, lease_until = ${this.leaseEnd(now)}
      WHERE customer_id = ${customerId} AND kind = ${kind} AND settled_at IS NULL
        AND (lease_until IS NULL OR lease_until < ${now})
      RETURNING *`;
    return rows[0] ? toIntent(rows[0]) : null;
  }

  /** Open intents nobody holds, oldest first, leased to the caller. */
  async takeStale(tx: Tx, kinds: readonly string[], olderThan: Date, limit: number): Promise<Intent[]> {
    const now = this.clock.wall();
    const rows = await tx.$queryRaw<Row[]>`
      UPDATE provider_intents SET attempts = attempts + 1, lease_until = ${this.leaseEnd(now)}
      WHERE id IN (
        SELECT id FROM provider_intents
        WHERE settled_at IS NULL AND kind = ANY (${kinds}) AND created_at < ${olderThan}
          AND (lease_until IS NULL OR lease_until < ${now})
        ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      RETURNING *`;
    return rows.map(toIntent);
  }

  /** Before the first byte leaves: from here on the provider may have acted. A key's life begins with its first call. */
  async calling(tx: Tx, id: string, keyGeneration: number): Promise<void> {
    const now = this.clock.wall();
    await tx.$executeRaw`
      UPDATE provider_intents SET state = 'calling', key_generation = ${keyGeneration},
        called_at = CASE key_generation WHEN ${keyGeneration} THEN COALESCE(called_at, ${now}) ELSE ${now} END
      WHERE id = ${id} AND settled_at IS NULL`;
  }

  async succeed(tx: Tx, id: string, result: ProviderOutcome): Promise<void> {
    await tx.$executeRaw`
      UPDATE provider_intents SET state = 'succeeded', provider_id = ${result.providerId}, lease_until = NULL,
        outcome = ${JSON.stringify(result.outcome)}::jsonb, settled_at = ${this.clock.wall()}, error_context = NULL
      WHERE id = ${id} AND settled_at IS NULL`;
  }

  /** @returns false where somebody else has settled it meanwhile. */
  async fail(tx: Tx, id: string, failure: IntentFailure): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE provider_intents SET state = 'failed', lease_until = NULL, settled_at = ${this.clock.wall()},
        error_context = ${JSON.stringify(failure)}::jsonb
      WHERE id = ${id} AND settled_at IS NULL`;
    return count === 1;
  }

  /** The answer was lost: nobody knows, until somebody reads. */
  async unknown(tx: Tx, id: string, failure: IntentFailure): Promise<void> {
    await tx.$executeRaw`
      UPDATE provider_intents SET state = 'unknown', lease_until = NULL, error_context = ${JSON.stringify(failure)}::jsonb
      WHERE id = ${id} AND settled_at IS NULL`;
  }

  /** Ends the lease and changes nothing else. */
  async giveBack(tx: Tx, id: string): Promise<void> {
    await tx.$executeRaw`UPDATE provider_intents SET lease_until = NULL WHERE id = ${id} AND settled_at IS NULL`;
  }

  private leaseEnd(now: Date): Date {
    return new Date(now.getTime() + LEASE_MS);
  }
}

interface Row {
  id: string;
  provider: Intent['provider'];
  kind: string;
  customer_id: string | null;
  dedupe_key: string;
  params: Record<string, unknown>;
  state: Intent['state'];
  attempts: number;
  key_generation: number;
  provider_id: string | null;
  outcome: Record<string, unknown> | null;
  error_context: IntentFailure | null;
  created_at: Date;
  called_at: Date | null;
}

function toIntent(row: Row): Intent {
  return {
    id: row.id,
    provider: row.provider,
    kind: row.kind,
    customerId: row.customer_id,
    dedupeKey: row.dedupe_key,
    params: row.params,
    state: row.state,
    attempts: row.attempts,
    keyGeneration: row.key_generation,
    providerId: row.provider_id,
    outcome: row.outcome,
    errorContext: row.error_context,
    createdAt: row.created_at,
    calledAt: row.called_at,
  };
}
