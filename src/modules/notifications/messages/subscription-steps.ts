import type { StoredDomainEvent } from '../../../platform/outbox';
import { NEWS_FOR_MS, type Cause, type ChangeFacts, type Look } from './message';

/** What nobody had but us is no news to him: a payment that failed ends it in words of its own. */
const UNPAID = ['past_due', 'unpaid', 'incomplete'];

/**
 * The steps of these types in the history of the subscription that has changed. The event does not name its step, so all
 * recent ones are told of, each once by its key.
 */
export async function stepCauses(
  { payload, occurredAt }: StoredDomainEvent,
  look: Look,
  name: string,
  types: readonly ChangeFacts['type'][],
): Promise<Cause[]> {
  const { subscriptionId } = payload as { subscriptionId: string };
  const steps = await look.changes(subscriptionId, new Date(occurredAt.getTime() - NEWS_FOR_MS));
  return steps
    .filter(({ type, fromStatus }) => types.includes(type) && !UNPAID.includes(fromStatus ?? ''))
    .map(({ type, toPlanId, ordinal }) => ({
      // Not by the fact: the answer to our own call and the provider's event tell of one step, and either may be its.
      key: `${name}:${subscriptionId}:${type}:${toPlanId}:${ordinal}`,
      invoiceId: null,
      figures: { subscriptionId },
    }));
}
