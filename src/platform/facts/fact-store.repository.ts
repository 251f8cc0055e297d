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

/** An object's key as one text, for maps. */
export function objectKeyText({ provider, objectType, objectId }: ObjectKey): string {
  return `${provider}:${objectType}:${objectId}`;
}

/** All facts of an object, in recorded order, and which of them are new. */
export interface StoredObject {
  key: ObjectKey;
  aggregate: string;
  facts: Stored[];
  fresh: Stored[];
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
   * Stores what is not stored yet, and loads what else is known of the same objects. One statement: its snapshot is older
   * than its own insert, so a fact comes once.
   * @returns the objects told of, by `objectKeyText`; a source already told about an object is passed over.
   */
  async append(tx: Tx, facts: readonly Fact[]): Promise<Map<string, StoredObject>> {
    const objects = new Map<string, StoredObject>();
    if (facts.length === 0) return objects;
    const at = this.clock.wall();
    const byId = new Map(facts.map((fact) => [newId('fact', at.getTime()) as string, fact]));
    const rows = await tx.$queryRaw<(FactRow | FreshRow)[]>`
      WITH given AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify([...byId].map(toRow))}::jsonb) AS f (
          id text, provider text, kind text, object_type text, object_id text, aggregate text,
          occurred_at timestamptz, source_id text, payload jsonb, before jsonb)),
      fresh AS (
        INSERT INTO facts (id, provider, kind, object_type, object_id, aggregate, occurred_at, source_id, payload, before, recorded_at)
        SELECT id, provider, kind, object_type, object_id, aggregate, occurred_at, source_id, payload, before, ${at} FROM given
        ON CONFLICT (provider, source_id, object_type, object_id) DO NOTHING
        RETURNING id, seq)
      SELECT f.id, f.seq, f.provider, f.kind, f.object_type, f.object_id, f.aggregate, f.occurred_at, f.source_id, f.payload, f.before
      FROM facts f JOIN (SELECT DISTINCT provider, object_type, object_id FROM given) k USING (provider, object_type, object_id)
      UNION ALL
      SELECT id, seq, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM fresh
      ORDER BY seq`;
    // By who tells now: an object stays with the aggregate whose lock is held.
    const aggregates = new Map(facts.map((fact) => [objectKeyText(fact), fact.aggregate]));
    for (const row of rows) {
      const told = byId.get(row.id);
      // A fact of ours as it was told: what is stored is the same, and need not come back over the wire.
      const fact = told && row.provider === null ? { ...told, id: row.id, seq: row.seq } : toStored(row as FactRow);
      const text = objectKeyText(fact);
      const object = objects.get(text) ?? {
        key: { provider: fact.provider, objectType: fact.objectType, objectId: fact.objectId },
        aggregate: aggregates.get(text) ?? fact.aggregate,
        facts: [],
        fresh: [],
      };
      objects.set(text, object);
      object.facts.push(fact);
      if (row.provider === null) object.fresh.push(fact);
    }
    return objects;
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

  /** The customer aggregates the named objects belong to, as their first facts said, by `objectKeyText`. One statement. */
  async aggregatesOf(tx: Tx, keys: readonly ObjectKey[]): Promise<Map<string, string>> {
    if (keys.length === 0) return new Map();
    const rows = await tx.$queryRaw<(ObjectKey & { aggregate: string })[]>`
      SELECT DISTINCT ON (f.provider, f.object_type, f.object_id) f.provider, f.object_type AS "objectType",
        f.object_id AS "objectId", f.aggregate
      FROM facts f
      JOIN jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) AS k (provider text, "objectType" text, "objectId" text)
        ON f.provider = k.provider AND f.object_type = k."objectType" AND f.object_id = k."objectId"
      ORDER BY f.provider, f.object_type, f.object_id, f.seq`;
    return new Map(rows.map((row) => [objectKeyText(row), row.aggregate]));
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

interface FreshRow {
  id: string;
  seq: bigint;
  provider: null;
}

function toRow([id, fact]: [string, Fact]): object {
  return {
    id,
    provider: fact.provider,
    kind: fact.kind,
    object_type: fact.objectType,
    object_id: fact.objectId,
    aggregate: fact.aggregate,
    occurred_at: fact.occurredAt,
    source_id: fact.sourceId,
    payload: fact.payload,
    before: fact.before,
  };
}
