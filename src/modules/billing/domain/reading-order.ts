/** Our ids begin with the time they were made at and sort by it (shared/ids). */
const OWN_ID = /_([0-7][0-9a-hjkmnp-tv-z]{25})$/;

/**
 * Pure: whether a reading was begun after the event had been recorded, and so has seen what the event tells. A reading
 * is told under the id of what it was made for (`read:evt_…`, `answer:int_…`), made before the provider was asked. The two
 * ids come from work under the same aggregate's lock, so their order is the order of events. Without this a
 * provider whose clock stands, the sandbox's, would be asked for ever.
 */
export function hasSeen(reading: { sourceId: string }, event: { id: string }): boolean {
  const begun = OWN_ID.exec(reading.sourceId)?.[1];
  const recorded = OWN_ID.exec(event.id)?.[1];
  return begun !== undefined && recorded !== undefined && recorded < begun;
}
