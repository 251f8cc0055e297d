import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { newId } from '../../../shared/ids';
import type { Tx } from '../../../platform/database';

export interface RegisteredDevice {
  id: string;
  createdAt: Date;
}

@Injectable()
export class DevicesRepository {
  constructor(private readonly clock: Clock) {}

  /** Whoever is signed in on it last gets its messages; what was sent to it for another stays his. Twice is once. */
  async register(tx: Tx, customerId: string, token: string): Promise<RegisteredDevice> {
    const at = this.clock.wall();
    // A new id for another customer: the old one's messages refer to the old one.
    await tx.$executeRaw`DELETE FROM notification_devices WHERE token = ${token} AND customer_id <> ${customerId}`;
    const rows = await tx.$queryRaw<RegisteredDevice[]>`
      INSERT INTO notification_devices AS d (id, customer_id, token, created_at, updated_at)
      VALUES (${newId('dvc', at.getTime())}, ${customerId}, ${token}, ${at}, ${at})
      ON CONFLICT (token) DO UPDATE SET customer_id = EXCLUDED.customer_id, updated_at = EXCLUDED.updated_at,
        disabled_at = NULL, disabled_reason = NULL
      RETURNING id, created_at AS "createdAt"`;
    const [device] = rows;
    if (!device) throw new Error('An upsert returned no row');
    return device;
  }

  /** Others than this token's. */
  async count(tx: Tx, customerId: string, token: string): Promise<number> {
    const [row] = await tx.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int4 AS n FROM notification_devices WHERE customer_id = ${customerId} AND token <> ${token}`;
    return row?.n ?? 0;
  }

  /** @returns false where the user has no such device. */
  async remove(tx: Tx, userId: string, id: string): Promise<boolean> {
    const gone = await tx.$executeRaw`
      DELETE FROM notification_devices d USING customers c WHERE d.id = ${id} AND c.id = d.customer_id AND c.user_id = ${userId}`;
    return gone > 0;
  }
}
