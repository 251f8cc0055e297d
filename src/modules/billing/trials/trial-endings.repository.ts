import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { BILLING_EVENTS } from '../billing.events';

export interface EndingTrial {
  subscriptionId: string;
  customerId: string;
  trialEndsAt: Date;
}

@Injectable()
export class TrialEndingsRepository {
  /**
   * Trials that end in this window and go on into a paid time, of which this end was not told; the soonest first. The event
   * itself says that it was told. The caller holds the sweeper's turn, so that two do not tell the same.
   */
  untold(tx: Tx, window: { after: Date; until: Date }, limit: number): Promise<EndingTrial[]> {
    return tx.$queryRaw<EndingTrial[]>`
      SELECT s.id AS "subscriptionId", s.customer_id AS "customerId", s.trial_ends_at AS "trialEndsAt" FROM subscriptions s
      WHERE s.status = 'trialing' AND s.trial_ends_at > ${window.after} AND s.trial_ends_at <= ${window.until}
        AND NOT s.cancel_at_period_end AND (s.cancel_at IS NULL OR s.cancel_at > s.trial_ends_at)
        AND NOT EXISTS (SELECT FROM outbox_events e WHERE e.object_type = 'subscription' AND e.object_id = s.id
          AND e.type = ${BILLING_EVENTS.trialEnding} AND (e.payload->>'trialEndsAt')::timestamptz = s.trial_ends_at)
      ORDER BY s.trial_ends_at, s.id LIMIT ${limit}`;
  }
}
