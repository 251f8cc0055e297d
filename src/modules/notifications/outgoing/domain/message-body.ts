/** What a message says, before it has a number. */
export interface PublicEvent {
  readonly type: string;
  readonly objectType: string;
  readonly objectId: string;
  /** Ids and figures. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly occurredAt: Date;
}

/** Of the shape of all messages; a field may be added under it, none goes away or changes its meaning. */
export const MESSAGE_VERSION = 1;

/**
 * Pure: the body that is sent and signed, to the byte (Standard Webhooks, "Payload structure": type, timestamp, data).
 * @param sequence counts the messages about this object from 1 on; who has seen a later one ignores an earlier one.
 */
export function messageBody(id: string, event: PublicEvent, sequence: number): string {
  return JSON.stringify({
    id,
    type: event.type,
    version: MESSAGE_VERSION,
    timestamp: event.occurredAt.toISOString(),
    objectType: event.objectType,
    objectId: event.objectId,
    sequence,
    data: { object: event.objectType, id: event.objectId, ...event.data },
  });
}
