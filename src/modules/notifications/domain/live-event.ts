/** An event of the outbox as far as a customer's own app may see it. */
export interface StoredLiveEvent {
  id: string;
  type: string;
  payload: Readonly<Record<string, unknown>>;
  occurredAt: Date;
}

/** A message of the stream. */
export interface LiveEvent {
  /** The outbox event's; comes back as `Last-Event-ID`. */
  id: string;
  type: string;
  data: Record<string, string | number>;
}

/** What of a payload is told: ids, states and counts. Amounts and reasons are read where they are, under the app's token. */
const TOLD = [
  'subscriptionId',
  'status',
  'formerStatus',
  'invoiceId',
  'paymentId',
  'attempt',
  'notificationId',
  'kind',
] as const;

export function toLiveEvent({ id, type, payload, occurredAt }: StoredLiveEvent): LiveEvent {
  const data: LiveEvent['data'] = { occurredAt: occurredAt.toISOString() };
  for (const name of TOLD) {
    const value = payload[name];
    if (typeof value === 'string' || typeof value === 'number') data[name] = value;
  }
  return { id, type, data };
}
