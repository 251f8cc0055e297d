import { Injectable } from '@nestjs/common';
import type { Tx } from '../../database';
import type { KeyedRequest } from './idempotency-context';

/** An answer as it was first given. */
export interface KeptAnswer {
  readonly status: number;
  /** JSON; null for an empty answer. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

export type Claim =
  /** Ours to carry out; `lease` proves it until it is renewed or runs out. */
  | { readonly kind: 'claimed'; readonly lease: string }
  | { readonly kind: 'running' }
  /** The key belongs to another request. */
  | { readonly kind: 'reused' }
  | { readonly kind: 'completed'; readonly answer: KeptAnswer };

interface ClaimRow {
  claimed: boolean;
  same: boolean;
  status: string;
  lease: string | null;
  response_status: number | null;
  response_body: unknown;
  response_headers: Record<string, string> | null;
}

const LEASE_SECONDS = 30;
const KEEP_HOURS = 24;

/**
 * Keys of requests, in PostgreSQL. All times are the database's own wall clock, the one clock all processes share. A lease
 * is its own proof: every claim and renewal writes a later `lease_until`, and whoever shows an older one has lost the row.
 */
@Injectable()
export class IdempotencyRepository {
  /**
   * Takes the key in one statement: when it is new, when its 24 hours are over, or when the same request held it and its
   * lease ran out (a crash). Undefined when another process took it within this very statement; then ask again.
   */
  async claim(tx: Tx, { scope, key, hash }: KeyedRequest, methodPath: string): Promise<Claim | undefined> {
    const [row] = await tx.$queryRaw<ClaimRow[]>`
      WITH claimed AS (
        INSERT INTO idempotency_keys AS k
          (scope, key, request_hash, method_path, status, lease_until, created_at, expires_at)
        VALUES (${scope}, ${key}, ${hash}, ${methodPath}, 'running',
          clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}), clock_timestamp(),
          clock_timestamp() + make_interval(hours => ${KEEP_HOURS}))
        ON CONFLICT (scope, key) DO UPDATE SET
          request_hash = EXCLUDED.request_hash, method_path = EXCLUDED.method_path, status = 'running',
          lease_until = EXCLUDED.lease_until, response_status = NULL, response_body = NULL, response_headers = NULL,
          created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at
        WHERE (k.expires_at <= clock_timestamp() AND (k.status = 'completed' OR k.lease_until <= clock_timestamp()))
           OR (k.status = 'running' AND k.lease_until <= clock_timestamp() AND k.request_hash = EXCLUDED.request_hash)
        RETURNING k.lease_until
      )
      SELECT true AS claimed, true AS same, 'running' AS status, lease_until::text AS lease,
        NULL::int AS response_status, NULL::jsonb AS response_body, NULL::jsonb AS response_headers
      FROM claimed
      UNION ALL
      SELECT false, request_hash = ${hash}, status, NULL, response_status, response_body, response_headers
      FROM idempotency_keys WHERE scope = ${scope} AND key = ${key} AND NOT EXISTS (SELECT FROM claimed)`;
    return row && claimOf(row);
  }

  /** The renewed lease, or undefined when it was lost. */
  async renew(tx: Tx, { scope, key }: KeyedRequest, lease: string): Promise<string | undefined> {
    const [row] = await tx.$queryRaw<{ lease: string }[]>`
      UPDATE idempotency_keys SET lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
      WHERE scope = ${scope} AND key = ${key} AND status = 'running' AND lease_until = ${lease}::timestamptz
      RETURNING lease_until::text AS lease`;
    return row?.lease;
  }

  /** Keeps the answer. False when the lease was lost: somebody else carries the request out again. */
  async complete(tx: Tx, { scope, key }: KeyedRequest, lease: string, answer: KeptAnswer): Promise<boolean> {
    const count = await tx.$executeRaw`
      UPDATE idempotency_keys SET status = 'completed', lease_until = NULL, response_status = ${answer.status},
        response_body = ${JSON.stringify(answer.body)}::jsonb, response_headers = ${JSON.stringify(answer.headers)}::jsonb
      WHERE scope = ${scope} AND key = ${key} AND status = 'running' AND lease_until = ${lease}::timestamptz`;
    return count === 1;
  }

  /** Forgets a request whose answer is not kept, so that it may be tried again under its key at once. */
  async release(tx: Tx, { scope, key }: KeyedRequest, lease: string): Promise<void> {
    await tx.$executeRaw`
      DELETE FROM idempotency_keys
      WHERE scope = ${scope} AND key = ${key} AND status = 'running' AND lease_until = ${lease}::timestamptz`;
  }

  /** Deletes up to `limit` keys whose 24 hours are over; the number deleted. */
  async purge(tx: Tx, limit: number): Promise<number> {
    return tx.$executeRaw`
      DELETE FROM idempotency_keys WHERE (scope, key) IN (
        SELECT scope, key FROM idempotency_keys
        WHERE expires_at <= clock_timestamp() AND (status = 'completed' OR lease_until <= clock_timestamp())
        ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
  }
}

function claimOf(row: ClaimRow): Claim {
  if (row.claimed && row.lease !== null) return { kind: 'claimed', lease: row.lease };
  if (!row.same) return { kind: 'reused' };
  if (row.status !== 'completed' || row.response_status === null) return { kind: 'running' };
  return {
    kind: 'completed',
    answer: { status: row.response_status, body: row.response_body, headers: row.response_headers ?? {} },
  };
}
