import type Stripe from 'stripe';
import { HOUSE_ACCOUNT } from '../../../shared/aggregate';
import type { ProviderPayoutFact } from '../../../shared/facts';
import { toProviderPayoutPayload } from '../stripe-money-objects';
import { placed, previous, type EventTable } from './event-table';

const KINDS = {
  'payout.created': 'provider_payout.created',
  'payout.updated': 'provider_payout.changed',
  'payout.paid': 'provider_payout.paid',
  'payout.failed': 'provider_payout.failed',
  'payout.canceled': 'provider_payout.canceled',
} as const satisfies Record<string, ProviderPayoutFact['kind']>;

/** What Stripe pays out to us is no customer's. */
export const PAYOUT_EVENTS: EventTable = {
  object: 'payout',
  types: Object.keys(KINDS),
  readAs: 'provider_payout',
  translate: (event, base) => {
    const payload = toProviderPayoutPayload(event.data.object as Stripe.Payout);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const before = previous(event, toProviderPayoutPayload);
    return placed(HOUSE_ACCOUNT, { ...base, objectType: 'provider_payout', kind, payload, before });
  },
};
