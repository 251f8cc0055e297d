import type { Provider } from '../../shared/facts';

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
}

export type SettledStatus = 'processed' | 'ignored' | 'stale';

/** Written beside the row at each failure; shown to operators, so without secrets and personal data. */
export interface ErrorContext {
  class: string;
  code: string;
  message: string;
  at: string;
  [detail: string]: unknown;
}
