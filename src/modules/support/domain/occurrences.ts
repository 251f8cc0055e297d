/** One time the cause of a ticket was met. */
export interface Occurrence {
  /** Of the message that told: told twice, it counts once. */
  id: string;
  /** ISO 8601. */
  at: string;
  /** What went wrong this time. */
  code: string;
}

/** A ticket's details: whatever its opener says, and how often and when the cause was met. */
export interface TicketDetails {
  [name: string]: unknown;
  count: number;
  /** The latest ones, in the order they were told. */
  occurrences: Occurrence[];
}

const KEPT = 20;

export function firstOccurrence(details: Readonly<Record<string, unknown>>, occurrence: Occurrence): TicketDetails {
  return { ...details, count: 1, occurrences: [occurrence] };
}

/** Pure: the same cause once more. The opener's newest details count. @returns null where this telling is counted already. */
export function occurredAgain(
  former: TicketDetails,
  details: Readonly<Record<string, unknown>>,
  occurrence: Occurrence,
): TicketDetails | null {
  if (former.occurrences.some(({ id }) => id === occurrence.id)) return null;
  return {
    ...former,
    ...details,
    count: former.count + 1,
    occurrences: [...former.occurrences, occurrence].slice(-KEPT),
  };
}
