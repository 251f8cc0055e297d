import type Stripe from 'stripe';
import type { SetupFact } from '../../../shared/facts';
import { refOf, toSetupPayload } from '../stripe-objects';
import { ignored, placed, type EventTable } from './event-table';

const KIND: SetupFact['kind'] = 'setup.failed';

/** Cards are tried where saving them is free, in the browser: only the provider knows of those it declined. */
export const SETUP_EVENTS: EventTable = {
  object: 'setup_intent',
  types: ['setup_intent.setup_failed'],
  readAs: null,
  translate: (event, base) => {
    const intent = event.data.object as Stripe.SetupIntent;
    const customerRef = refOf(intent.customer);
    if (!customerRef) return ignored('a setup without a customer is not ours');
    return placed(customerRef, {
      ...{ ...base, objectType: 'setup', kind: KIND, before: null },
      payload: toSetupPayload(intent, customerRef),
    });
  },
};
