/** A domain event as a module appends it: ids and figures, never personal data. */
export interface DomainEvent {
  /** e.g. `subscription.updated`. */
  type: string;
  objectType: string;
  /** Our id. */
  objectId: string;
  customerId: string | null;
  payload: Record<string, unknown>;
  /** Business time of what happened. */
  occurredAt: Date;
}

export interface StoredDomainEvent extends DomainEvent {
  id: string;
  /** Wall time of PostgreSQL, when it was written. */
  recordedAt: Date;
}

/** Somebody who must hear of events, at least once, in no promised order; his failures hold up nobody else. */
export interface OutboxConsumer {
  /** Stored with each delivery, so it never changes. */
  readonly name: string;
  readonly types: readonly string[];
  /** Must be idempotent by `event.id`. A throw is a retry. Network is allowed: it runs outside every transaction. */
  handle(event: StoredDomainEvent): Promise<void>;
}
