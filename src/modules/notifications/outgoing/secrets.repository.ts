import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';

/** As many as sign at once: the current one, and former ones of the last day. */
const MOST_THAT_SIGN = 5;

export interface SealedSecret {
  id: string;
  endpointId: string;
  sealed: string;
}

@Injectable()
export class SecretsRepository {
  constructor(private readonly clock: Clock) {}

  /** The id is part of what is sealed, so it is there before the secret is. */
  newSecretId(): string {
    return newId('whs', this.clock.wall().getTime());
  }

  /** The current one from now on; the former one signs along for as long as said. */
  async replace(tx: Tx, { id, endpointId, sealed }: SealedSecret, formerForMs: number): Promise<void> {
    await tx.$executeRaw`
      UPDATE webhook_secrets SET expires_at = statement_timestamp() + ${formerForMs} * interval '1 ms'
      WHERE endpoint_id = ${endpointId} AND expires_at IS NULL`;
    await tx.$executeRaw`
      INSERT INTO webhook_secrets (id, endpoint_id, sealed, created_at) VALUES (${id}, ${endpointId}, ${sealed}, statement_timestamp())`;
  }

  /** What messages to these endpoints are signed with, per endpoint the current one first. */
  async signing(tx: Tx, endpointIds: readonly string[]): Promise<SealedSecret[]> {
    return tx.$queryRaw<SealedSecret[]>`
      SELECT id, "endpointId", sealed FROM (
        SELECT id, endpoint_id AS "endpointId", sealed,
          row_number() OVER (PARTITION BY endpoint_id ORDER BY expires_at DESC NULLS FIRST, id DESC) AS place
        FROM webhook_secrets
        WHERE endpoint_id = ANY (${endpointIds}) AND (expires_at IS NULL OR expires_at > statement_timestamp())) AS s
      WHERE place <= ${MOST_THAT_SIGN} ORDER BY "endpointId", place`;
  }

  /** What is sealed under another key than the newest; nobody else takes the same ones up meanwhile. */
  async sealedOtherwise(tx: Tx, newestPrefix: string, limit: number): Promise<SealedSecret[]> {
    return tx.$queryRaw<SealedSecret[]>`
      SELECT id, endpoint_id AS "endpointId", sealed FROM webhook_secrets
      WHERE NOT starts_with(sealed, ${newestPrefix}) ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
  }

  async sealAgain(tx: Tx, secrets: readonly Pick<SealedSecret, 'id' | 'sealed'>[]): Promise<void> {
    await tx.$executeRaw`
      UPDATE webhook_secrets s SET sealed = n.sealed
      FROM jsonb_to_recordset(${JSON.stringify(secrets)}::jsonb) AS n (id text, sealed text) WHERE s.id = n.id`;
  }

  async forgetExpired(tx: Tx): Promise<void> {
    await tx.$executeRaw`DELETE FROM webhook_secrets WHERE expires_at <= statement_timestamp()`;
  }
}
