import { SubscriptionStatus } from '../../../shared/facts';
import { StateMachine, Transition, transition } from '../../../shared/state-machine';

/**
 * Which status a provider may report next. The input is the reported status itself: we never invent a step, we only tell a
 * possible report from one that means something was missed, which is then resolved by reading the provider.
 *
 * Sources: the `status`, `pause`, `resume` and `trial_end` notes of `stripe@23` (Subscriptions.d.ts) and
 * docs.stripe.com/billing/subscriptions/overview, "Subscription statuses".
 * - incomplete: the first payment is outstanding; paid -> active (or trialing), 23 hours unpaid -> incomplete_expired.
 * - trialing, active and past_due move among themselves: a renewal fails or is paid, and `trial_end` may be set at any time
 *   (it is how a billing date is moved).
 * - past_due and unpaid: which of unpaid or canceled follows exhausted retries is an account setting; without retries the
 *   step comes straight from active or trialing. A later payment brings either back to active.
 * - paused: a trial that ends without a payment method, or the pause endpoint; resuming needs its invoice paid and gives
 *   active, or trialing while the trial still runs.
 * - incomplete_expired and canceled are final; who comes back gets a new subscription.
 */
export const SUBSCRIPTION_MACHINE = {
  initial: ['incomplete', 'trialing', 'active'],
  transitions: {
    incomplete: {
      incomplete: 'incomplete',
      incomplete_expired: 'incomplete_expired',
      trialing: 'trialing',
      active: 'active',
      canceled: 'canceled',
    },
    incomplete_expired: { incomplete_expired: 'incomplete_expired' },
    trialing: {
      trialing: 'trialing',
      active: 'active',
      past_due: 'past_due',
      paused: 'paused',
      unpaid: 'unpaid',
      canceled: 'canceled',
    },
    active: {
      trialing: 'trialing',
      active: 'active',
      past_due: 'past_due',
      paused: 'paused',
      unpaid: 'unpaid',
      canceled: 'canceled',
    },
    past_due: {
      trialing: 'trialing',
      active: 'active',
      past_due: 'past_due',
      paused: 'paused',
      unpaid: 'unpaid',
      canceled: 'canceled',
    },
    paused: { trialing: 'trialing', active: 'active', paused: 'paused', canceled: 'canceled' },
    unpaid: {
      trialing: 'trialing',
      active: 'active',
      past_due: 'past_due',
      unpaid: 'unpaid',
      canceled: 'canceled',
    },
    canceled: { canceled: 'canceled' },
  },
} as const satisfies StateMachine<SubscriptionStatus, SubscriptionStatus>;

const MACHINE: StateMachine<SubscriptionStatus, SubscriptionStatus> = SUBSCRIPTION_MACHINE;

/** The step a reported status makes; a refusal keeps the status and asks for a look at the provider. */
export function reportStatus(
  current: SubscriptionStatus,
  reported: SubscriptionStatus,
): Transition<SubscriptionStatus> {
  return transition(MACHINE, current, reported);
}

/** Whether the provider can go from one status to the other in one step; staying is always possible. */
export function canTransition(from: SubscriptionStatus, to: SubscriptionStatus): boolean {
  return reportStatus(from, to).ok;
}

/** Whether a subscription can begin in this status; another first report means that earlier ones are still on their way. */
export function canBegin(status: SubscriptionStatus): boolean {
  return MACHINE.initial.includes(status);
}
