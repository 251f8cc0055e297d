import type { ReadAgain } from '../../platform/facts';
import type { DomainEvent } from '../../platform/outbox';

/** What one pass over an aggregate has gathered, written together at its end. */
export interface Effects {
  events: DomainEvent[];
  readAgain: ReadAgain[];
}
