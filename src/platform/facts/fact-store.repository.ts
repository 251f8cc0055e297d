import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Fact, FactObjectType, Provider, Stored } from '../../shared/facts';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';

/** An object of a provider. */
export interface ObjectKey {
  provider: Provider;
  objectType: FactObjectType;
  objectId: string;
}

interface FactRow {
  id: string;
  seq: bigint;
  provider: string;
  kind: string;
  object_type: string;
  object_id: string;
  aggregate: string;
  occurred_at: Date;
  source_id: string;
  payload: object;
  before: object | null;
}

/** Facts as stored: append-only, always, however late. */
@Injectable()
export class FactStoreRepository {
  constructor(private readonly clock: Clock) {}

  /**
   * Stores what is not stored yet. One statement.
   * @returns ids of the facts that were new; a source already told about an object is passed over.
   */
  async append(tx: Tx, facts: readonly Fact[]): Promise<string[]> {
    if (facts.length === 0) return [];
    const at = this.clock.wall();
    const rows = facts.map((fact) => ({
      id: newId('fact', at.getTime()),
      provider: fact.provider,
      kind: fact.kind,
      object_type: fact.objectType,
      object_id: fact.objectId,
      aggregate: fact.aggregate,
      occurred_at: fact.occurredAt,
      source_id: fact.sourceId,
      payload: fact.payload,
      before: fact.before,
    }));
    const inserted = await tx.$queryRaw<{ id: string }[]>`
      INSERT INTO facts (id, provider, kind, object_type, object_id, aggregate, occurred_at, source_id, payload, before, recorded_at)
      SELECT id, provider, kind, object_type, object_id, aggregate, occurred_at, source_id, payload, before, ${at}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS f (
        id text, provider text, kind text, object_type text, object_id text, aggregate text,
        occurred_at timestamptz, source_id text, payload jsonb, before jsonb)
      ON CONFLICT (provider, source_id, object_type, object_id) DO NOTHING
      RETURNING id`;
    return inserted.map((row) => row.id);
  }

  /** Every fact of the named objects, in recorded order. One statement. */
  async ofObjects(tx: Tx, keys: readonly ObjectKey[]): Promise<Stored[]> {
    if (keys.length === 0) return [];
    const rows = await tx.$queryRaw<FactRow[]>`
      SELECT f.id, f.seq, f.provider, f.kind, f.object_type, f.object_id, f.aggregate, f.occurred_at, f.source_id, f.payload, f.before
      FROM facts f
      JOIN jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k (provider text, "objectType" text, "objectId" text)
        ON f.provider = k.provider AND f.object_type = k."objectType" AND f.object_id = k."objectId"
      ORDER BY f.seq`;
    return rows.map(toStored);
  }

  /** The customer aggregate an object belongs to, as its first fact said; null where none is known yet. */
  async aggregateOf(tx: Tx, key: ObjectKey): Promise<string | null> {
    const rows = await tx.$queryRaw<{ aggregate: string }[]>`
      SELECT aggregate FROM facts
      WHERE provider = ${key.provider} AND object_type = ${key.objectType} AND object_id = ${key.objectId}
      ORDER BY seq LIMIT 1`;
    return rows[0]?.aggregate ?? null;
  }
}

function toStored(row: FactRow): Stored {
  // The columns were written from a Fact by append() and are append-only: the union is what went in.
  return {
    id: row.id,
    seq: row.seq,
    provider: row.provider,
    kind: row.kind,
    objectType: row.object_type,
    objectId: row.object_id,
    aggregate: row.aggregate,
    occurredAt: row.occurred_at,
    sourceId: row.source_id,
    payload: row.payload,
    before: row.before,
  } as Stored;
}
