import { Injectable } from '@nestjs/common';
import type { FactKind, FactObjectType, Provider } from '../../shared/facts';
import type { Tx } from '../database';

/** A fact as it lies in the store, for people to read. */
export interface RecordedFact {
  id: string;
  /** Its place in the recorded order. */
  seq: bigint;
  kind: FactKind;
  objectType: FactObjectType;
  /** The object's id at the provider. */
  objectId: string;
  aggregate: string;
  occurredAt: Date;
  recordedAt: Date;
  payload: object;
}

/** Facts by who told them. The store itself is for those who fold. */
@Injectable()
export class FactHistoryRepository {
  /** What these sources told, in recorded order. */
  async toldBy(tx: Tx, provider: Provider, sourceIds: readonly string[]): Promise<RecordedFact[]> {
    return tx.$queryRaw<RecordedFact[]>`
      SELECT id, seq, kind, object_type AS "objectType", object_id AS "objectId", aggregate, occurred_at AS "occurredAt",
        recorded_at AS "recordedAt", payload
      FROM facts WHERE provider = ${provider} AND source_id = ANY (${sourceIds}) ORDER BY seq`;
  }
}
