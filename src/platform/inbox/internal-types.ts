/** Type of the rows that hold an object as a list of the provider showed it: nothing is asked, its body says it all. */
export const SEEN = 'kassa.seen';

/** Begins the reason of a request to read what its facts cannot decide: needless once they can. */
const UNDECIDED = 'undecided';

export function undecidedSince(sourceId: string): string {
  return `${UNDECIDED}:${sourceId}`;
}

/** Whether a request to read is needless where the object's facts decide by now. */
export function isForUndecided({ eventId }: { eventId: string }): boolean {
  return eventId.includes(`:${UNDECIDED}:`);
}
