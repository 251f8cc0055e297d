import type { Provider } from '../../shared/facts';
import type { ObjectKey } from '../facts';

/** A verified delivery, as an ingress hands it over. */
export interface IncomingEvent {
  provider: Provider;
  /** The provider's id of the event; with the provider the only deduplication key there is. */
  eventId: string;
  type: string;
  apiVersion: string | null;
  livemode: boolean;
  objectType: string | null;
  objectId: string | null;
  /** Null where the event does not say whose it is. */
  aggregate: string | null;
  occurredAt: Date;
  rawBody: Buffer;
  headers: Record<string, string>;
}

export interface AcceptedEvent {
  id: string;
  /** 'received': ours is the first. The others are a 200 too. */
  outcome: 'received' | 'already_received' | 'already_processed';
}

/** A row taken under a lease. */
export interface ClaimedEvent extends Omit<IncomingEvent, 'headers'> {
  id: string;
  retryCount: number;
  /** It has failed in a transaction before. */
  suspect: boolean;
}

/** 'stale': all it told was older than what was known already, so it only went into the history. */
export type SettledStatus = 'processed' | 'ignored' | 'stale';

export interface SettledEvent {
  id: string;
  status: SettledStatus;
  /** Why, where it was ignored. */
  ignoredFor: string | null;
  /** Whose it turned out to be; null where nobody learned it. */
  aggregate: string | null;
}

/** An object to be read from the provider once more. */
export interface ReadRequest {
  key: ObjectKey;
  aggregate: string;
  reason: string;
}

/** Written beside the row at each failure; shown to operators, so without secrets and personal data. */
export interface ErrorContext {
  class: string;
  code: string;
  message: string;
  at: string;
  [detail: string]: unknown;
}
