import type { Delivery, Sender, SentEvent } from './stripe-side';

export interface DeliveryCounts {
  readonly events: number;
  readonly deliveries: number;
  /** Deliveries beyond the first of their event. */
  readonly repeats: number;
  /** Events that came in after one that happened later. */
  readonly overtaken: number;
}

/** How these events of one sender travelled, by its log. An event's arrival is the beginning of its first attempt. */
export function countDeliveries(events: readonly SentEvent[], deliveries: readonly Delivery[]): DeliveryCounts {
  const arrivals = new Map<string, number>();
  for (const { eventId, attempts } of deliveries) {
    const at = attempts[0]?.at;
    if (at !== undefined) arrivals.set(eventId, Math.min(at, arrivals.get(eventId) ?? Infinity));
  }
  let earliestOfLater = Infinity;
  let overtaken = 0;
  for (const { id } of [...events].reverse()) {
    const at = arrivals.get(id);
    if (at === undefined) continue;
    if (at > earliestOfLater) overtaken += 1;
    earliestOfLater = Math.min(earliestOfLater, at);
  }
  const attempts = deliveries.reduce((sum, delivery) => sum + delivery.attempts.length, 0);
  return { events: arrivals.size, deliveries: attempts, repeats: attempts - arrivals.size, overtaken };
}

/** How everything travelled that was sent since. @param before the same senders, as they were then. */
export function countAll(senders: readonly Sender[], before: readonly Sender[] = []): DeliveryCounts {
  const counts = senders.map(({ name, events, deliveries }) => {
    const then = before.find((sender) => sender.name === name);
    return countDeliveries(events.slice(then?.events.length ?? 0), deliveries.slice(then?.deliveries.length ?? 0));
  });
  const sum = (key: keyof DeliveryCounts): number => counts.reduce((total, one) => total + one[key], 0);
  return {
    ...{ events: sum('events'), deliveries: sum('deliveries') },
    ...{ repeats: sum('repeats'), overtaken: sum('overtaken') },
  };
}
