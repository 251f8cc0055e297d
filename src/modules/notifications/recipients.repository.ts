import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';
import type { Recipient } from './domain/recipient';

@Injectable()
export class RecipientsRepository {
  /** Null where there is no such customer. One statement. */
  async byCustomer(tx: Tx, customerId: string): Promise<Recipient | null> {
    const rows = await tx.$queryRaw<Recipient[]>`
      SELECT c.id AS "customerId", c.email, c.erased_at IS NOT NULL AS "isErased", s.locale, s.time_zone AS "timeZone",
        s.quiet_from AS "quietFrom", s.quiet_to AS "quietTo", s.bounced_address AS "bouncedAddress",
        COALESCE((SELECT jsonb_agg(jsonb_build_object('topic', p.topic, 'channel', p.channel, 'enabled', p.enabled))
          FROM notification_preferences p WHERE p.customer_id = c.id), '[]') AS preferences,
        COALESCE((SELECT jsonb_agg(jsonb_build_object('id', d.id, 'token', d.token) ORDER BY d.id)
          FROM notification_devices d WHERE d.customer_id = c.id AND d.disabled_at IS NULL), '[]') AS devices
      FROM customers c LEFT JOIN notification_settings s ON s.customer_id = c.id
      WHERE c.id = ${customerId}`;
    return rows[0] ?? null;
  }
}
