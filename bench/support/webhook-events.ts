import { randomBytes } from 'node:crypto';
import { play } from '../../test/support/stripe-life';

/** Sizes of real deliveries, in bytes. */
const SMALLEST = 3_600;
const SIZES = 7;
const STEP = 90;
const ID = /\b(evt|in|il|sub|si|cus)_[A-Za-z0-9]+/g;

const template = paidInvoice();

/**
 * A paid invoice of 3.6 to 4.2 KB, as Stripe tells it, with ids of its own.
 * @param index chooses the size; sizes take turns.
 */
export function webhookEvent(eventId: string, index: number): string {
  const tail = randomBytes(9).toString('hex');
  const event = template.replace(ID, (_id, prefix: string) => (prefix === 'evt' ? eventId : `${prefix}_${tail}`));
  const room = SMALLEST + (index % SIZES) * STEP - event.length;
  return event.replace('"metadata":{}', `"metadata":{"note":"${randomBytes(room).toString('base64').slice(0, room)}"}`);
}

function paidInvoice(): string {
  const event = play({ trialDays: 0, steps: [] }).events.find(({ type }) => type === 'invoice.paid');
  if (!event) throw new Error('No life without a paid invoice');
  return JSON.stringify({ ...event, pending_webhooks: 1, request: { id: null, idempotency_key: null } });
}
