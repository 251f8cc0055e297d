import { createHash } from 'node:crypto';
import { isAppError } from '../../shared/app-error';
import { noDelivery } from './wise-errors';
import { idOf, isUuid, momentOf, recordOf, textOf, textOrNull, type Told } from './wise-shape';

/** What an event is about (docs.wise.com, "Webhook event types"). */
export type WiseSubject =
  /** In Wise's words, known to us or not. */
  | { kind: 'state'; transferRef: string; current: string; previous: string | null }
  | { kind: 'failure'; transferRef: string; code: string }
  | { kind: 'balance'; currency: string }
  /** Ours: a transfer that a backfill wants to be looked at again. */
  | { kind: 'reread'; transferRef: string }
  /** Something that Wise tells since this was written, or that nobody has asked for. */
  | { kind: 'unknown' };

/** An event as Wise delivered it, to us or to another subscription of ours. */
export interface WiseDelivery {
  /** Made of what it says: a delivery's own id is another one each time. */
  eventId: string;
  type: string;
  /** Of the event's shape: `4.0.0`. */
  version: string;
  /** Null where it does not say. */
  profileRef: string | null;
  occurredAt: Date;
  subject: WiseSubject;
}

/** A member of ours, in the place of Wise's, in what a backfill puts into the inbox. */
const REREAD = 'kassaReread';
const TYPE = /^[\w#.-]{1,100}$/;
const STATE = /^[\w.-]{1,64}$/;
const CURRENCY = /^[A-Z]{3}$/;

/** Pure: the event in a delivery's body. @throws INVALID_INPUT for anything else. */
export function readDelivery(rawBody: Buffer): WiseDelivery {
  const event = parse(rawBody.toString('utf8'));
  try {
    return event[REREAD] === undefined ? deliveryOf(event, rawBody) : rereadOf(recordOf(event[REREAD], 'event'));
  } catch (error) {
    throw isAppError(error) && error.code === 'SCHEMA_VALIDATION' ? noDelivery('a member has another shape') : error;
  }
}

/** The body of an event that only we make: what was missed goes the same way as what arrives. */
export function rereadBody(transferRef: string, until: Date): Buffer {
  return Buffer.from(JSON.stringify({ [REREAD]: { transferRef, until: until.toISOString() } }));
}

function rereadOf(reread: Told): WiseDelivery {
  const [transferRef, occurredAt] = [idOf(reread['transferRef'], 'event'), momentOf(reread['until'], 'event')] as const;
  return {
    ...{ eventId: `reread:${occurredAt.getTime()}:${transferRef}`, type: 'transfer.reread', version: '' },
    ...{ profileRef: null, occurredAt, subject: { kind: 'reread', transferRef } },
  };
}

function deliveryOf(event: Told, rawBody: Buffer): WiseDelivery {
  const [type, subscription] = [event['event_type'], event['subscription_id']];
  if (typeof type !== 'string' || !TYPE.test(type)) throw noDelivery('it has no type');
  if (typeof subscription !== 'string' || !isUuid(subscription)) throw noDelivery('it is of no subscription');
  const data = recordOf(event['data'], 'event');
  const resource = recordOf(data['resource'] ?? {}, 'event');
  const { subject, parts } = (READERS[type] ?? unknownSubject)(data, resource, rawBody);
  const profile = resource['profile_id'] ?? data['profile_id'];
  const told = data['occurred_at'] ?? event['sent_at'];
  const at = momentOf(told, 'event');
  return {
    eventId: [type, ...parts, textOf(told, 'event').slice(0, 40), subscription.toLowerCase()].join(':'),
    type,
    version: textOrNull(event['schema_version'])?.slice(0, 20) ?? '',
    profileRef: profile === undefined || profile === null ? null : idOf(profile, 'event'),
    occurredAt: at,
    subject,
  };
}

/** With what tells it from others of its type at that moment. */
type ReadSubject = (data: Told, resource: Told, rawBody: Buffer) => { subject: WiseSubject; parts: string[] };

const READERS: Readonly<Record<string, ReadSubject>> = {
  'transfers#state-change': (data, resource) => {
    const transferRef = idOf(resource['id'], 'event');
    const [current, previous] = [stateOf(data['current_state']), data['previous_state'] ?? null];
    const before = previous === null ? null : stateOf(previous);
    return { subject: { kind: 'state', transferRef, current, previous: before }, parts: [transferRef, current] };
  },
  'transfers#payout-failure': (data) => {
    const transferRef = idOf(data['transfer_id'], 'event');
    const code = textOf(data['failure_reason_code'], 'event').slice(0, 100);
    return { subject: { kind: 'failure', transferRef, code }, parts: [transferRef, code.replace(/[^\w.-]/g, '_')] };
  },
  'balances#update': (data, resource) => {
    const { currency } = data;
    if (typeof currency !== 'string' || !CURRENCY.test(currency)) throw noDelivery('it names no currency');
    const step = data['step_id'];
    const parts = [
      idOf(data['balance_id'] ?? resource['id'], 'event'),
      ...(step === undefined ? [] : [idOf(step, 'event')]),
    ];
    return { subject: { kind: 'balance', currency }, parts };
  },
};

const unknownSubject: ReadSubject = (_data, _resource, rawBody) => ({
  subject: { kind: 'unknown' },
  parts: [createHash('sha256').update(rawBody).digest('hex')],
});

function stateOf(value: unknown): string {
  if (typeof value !== 'string' || !STATE.test(value)) throw noDelivery('it names no state');
  return value;
}

function parse(text: string): Told {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw noDelivery('it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noDelivery('it is no object');
  return value as Told;
}
