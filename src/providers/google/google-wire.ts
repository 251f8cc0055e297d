import { noPush } from './google-errors';

/** What a notification is about (developer.android.com/google/play/billing/rtdn-reference). */
export type GoogleSubject =
  | { kind: 'subscription'; type: number; token: string }
  | { kind: 'product'; type: number; token: string }
  | { kind: 'voided'; token: string; orderId: string }
  /** Ours: a purchase that a backfill wants to be looked at again. */
  | { kind: 'reread'; token: string }
  | { kind: 'test' }
  /** Something that Google tells since this was written. */
  | { kind: 'unknown' };

/** A notification as Pub/Sub pushed it. */
export interface GoogleNotification {
  /** Pub/Sub's: the same however often it is pushed. */
  messageId: string;
  packageName: string;
  eventTime: Date;
  subject: GoogleSubject;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Beyond the year 2286 a time is not Google's. */
const MAX_MS = 10_000_000_000_000;
const TOKEN = /^[\w.~:-]{1,1024}$/;
const ORDER_ID = /^[\w.-]{1,128}$/;
/** A member of ours, beside Google's, in what a backfill puts into the inbox. */
const REREAD = 'kassaReread';

/** Whether it can be a purchase token: callers name them, and they become part of a path. */
export function isPurchaseToken(value: unknown): value is string {
  return typeof value === 'string' && TOKEN.test(value);
}

export function isOrderId(value: unknown): value is string {
  return typeof value === 'string' && ORDER_ID.test(value);
}

/** Pure: the notification in a push's body. @throws INVALID_INPUT for anything else. */
export function readPush(rawBody: Buffer): GoogleNotification {
  const { message } = parse(rawBody.toString('utf8'), 'it is not JSON');
  if (!isRecord(message)) throw noPush('it has no message');
  const { messageId, data } = message;
  if (!isText(messageId)) throw noPush('the message has no id');
  if (typeof data !== 'string' || !BASE64.test(data)) throw noPush('its data is not base64');
  const told = parse(Buffer.from(data, 'base64').toString('utf8'), 'its data is not JSON');
  const { packageName } = told;
  const at = timeOf(told['eventTimeMillis']);
  if (!isText(packageName) || at === null) throw noPush('it names no app, or no time');
  return { messageId, packageName, eventTime: new Date(at), subject: subjectOf(told) };
}

/** The body of a push that only we make: what was missed goes the same way as what arrives. */
export function pushBody(messageId: string, told: { packageName: string; at: Date } & PushedSubject): Buffer {
  const { packageName, at, ...subject } = told;
  const data = { version: '1.0', packageName, eventTimeMillis: String(at.getTime()), ...subject };
  const encoded = Buffer.from(JSON.stringify(data)).toString('base64');
  return Buffer.from(JSON.stringify({ message: { messageId, data: encoded }, subscription: 'kassa' }));
}

type PushedSubject =
  { [REREAD]: { purchaseToken: string } } | { voidedPurchaseNotification: { purchaseToken: string; orderId: string } };

type Told = Record<string, unknown>;

const READERS: Readonly<Record<string, (told: Told) => GoogleSubject>> = {
  subscriptionNotification: (told) => ({ kind: 'subscription', type: typeOf(told), token: tokenOf(told) }),
  oneTimeProductNotification: (told) => ({ kind: 'product', type: typeOf(told), token: tokenOf(told) }),
  voidedPurchaseNotification: (told) => {
    const { orderId } = told;
    if (!isOrderId(orderId)) throw noPush('it names no order');
    return { kind: 'voided', token: tokenOf(told), orderId };
  },
  testNotification: () => ({ kind: 'test' }),
  [REREAD]: (told) => ({ kind: 'reread', token: tokenOf(told) }),
};

function subjectOf(told: Told): GoogleSubject {
  const names = Object.keys(READERS).filter((name) => told[name] !== undefined && told[name] !== null);
  const [name] = names;
  if (name === undefined) return { kind: 'unknown' };
  const [subject, read] = [told[name], READERS[name]];
  if (names.length > 1 || !isRecord(subject) || !read) throw noPush('it is about more than one thing, or about none');
  return read(subject);
}

function tokenOf({ purchaseToken }: Told): string {
  if (!isPurchaseToken(purchaseToken)) throw noPush('it names no purchase');
  return purchaseToken;
}

function typeOf({ notificationType: type }: Told): number {
  if (typeof type !== 'number' || !Number.isSafeInteger(type)) throw noPush('it has no type');
  return type;
}

/** Google writes a 64-bit number as text, and has been seen to write a number. */
function timeOf(value: unknown): number | null {
  const ms = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof ms === 'number' && Number.isInteger(ms) && ms > 0 && ms < MAX_MS ? ms : null;
}

function parse(text: string, otherwise: string): Told {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw noPush(otherwise);
  }
  if (!isRecord(value)) throw noPush(otherwise);
  return value;
}

function isRecord(value: unknown): value is Told {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** NUL cannot be stored in a text column, and nothing of Google's has one. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 255 && !value.includes('\u0000');
}
