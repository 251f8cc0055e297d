import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import type { Tx } from '../../../platform/database';
import type { QuietHours } from '../domain/quiet-hours';
import type { Channel, Preference, TopicName } from '../domain/topics';

export interface StoredSettings {
  locale: string | null;
  timeZone: string | null;
  quietFrom: string | null;
  quietTo: string | null;
  /** Set where his address refuses mail. */
  bouncedAt: Date | null;
  bouncedReason: string | null;
  preferences: Preference[];
}

/** What is to be changed; what is left out stays. */
export interface SettingsChange {
  locale?: string | null;
  timeZone?: string | null;
  quietHours?: QuietHours | null;
}

@Injectable()
export class PreferencesRepository {
  constructor(private readonly clock: Clock) {}

  /** Null where the user is no customer. */
  async ofUser(tx: Tx, userId: string): Promise<StoredSettings | null> {
    const rows = await tx.$queryRaw<StoredSettings[]>`
      SELECT s.locale, s.time_zone AS "timeZone", s.quiet_from AS "quietFrom", s.quiet_to AS "quietTo",
        CASE WHEN s.bounced_address = c.email THEN s.bounced_at END AS "bouncedAt",
        CASE WHEN s.bounced_address = c.email THEN s.bounced_reason END AS "bouncedReason",
        COALESCE((SELECT jsonb_agg(jsonb_build_object('topic', p.topic, 'channel', p.channel, 'enabled', p.enabled))
          FROM notification_preferences p WHERE p.customer_id = c.id), '[]') AS preferences
      FROM customers c LEFT JOIN notification_settings s ON s.customer_id = c.id WHERE c.user_id = ${userId}`;
    return rows[0] ?? null;
  }

  /** What was said of his address stays: only another one takes mail again. */
  async change(tx: Tx, customerId: string, { locale, timeZone, quietHours }: SettingsChange): Promise<void> {
    const at = this.clock.wall();
    const [from, to] = [quietHours?.from ?? null, quietHours?.to ?? null];
    await tx.$executeRaw`
      INSERT INTO notification_settings AS s (customer_id, locale, time_zone, quiet_from, quiet_to, updated_at)
      VALUES (${customerId}, ${locale ?? null}, ${timeZone ?? null}, ${from}, ${to}, ${at})
      ON CONFLICT (customer_id) DO UPDATE SET
        locale = CASE WHEN ${locale !== undefined} THEN EXCLUDED.locale ELSE s.locale END,
        time_zone = CASE WHEN ${timeZone !== undefined} THEN EXCLUDED.time_zone ELSE s.time_zone END,
        quiet_from = CASE WHEN ${quietHours !== undefined} THEN EXCLUDED.quiet_from ELSE s.quiet_from END,
        quiet_to = CASE WHEN ${quietHours !== undefined} THEN EXCLUDED.quiet_to ELSE s.quiet_to END,
        updated_at = EXCLUDED.updated_at`;
  }

  /** Twice is once; an erased customer has nothing to turn off. */
  async turnOff(tx: Tx, customerId: string, topic: TopicName, channel: Channel): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO notification_preferences AS p (customer_id, topic, channel, enabled, updated_at)
      SELECT c.id, ${topic}, ${channel}, false, ${this.clock.wall()} FROM customers c
      WHERE c.id = ${customerId} AND c.erased_at IS NULL
      ON CONFLICT (customer_id, topic, channel) DO UPDATE SET enabled = false, updated_at = EXCLUDED.updated_at
      WHERE p.enabled`;
  }

  async choose(tx: Tx, customerId: string, preferences: readonly Preference[]): Promise<void> {
    if (preferences.length === 0) return;
    await tx.$executeRaw`
      INSERT INTO notification_preferences (customer_id, topic, channel, enabled, updated_at)
      SELECT ${customerId}, p.topic, p.channel, p.enabled, ${this.clock.wall()}
      FROM jsonb_to_recordset(${JSON.stringify(preferences)}::jsonb) AS p (topic text, channel text, enabled boolean)
      ON CONFLICT (customer_id, topic, channel) DO UPDATE SET enabled = EXCLUDED.enabled, updated_at = EXCLUDED.updated_at`;
  }
}
