import { createHmac, timingSafeEqual } from 'node:crypto';
import { validation } from '../../shared/app-error';
import type { ListedEvent, VerifiedEvent } from '../provider.port';
import { refOf } from './stripe-objects';
import { stripeAggregate } from './stripe-translator';

/** Seconds either way: a replay window is as long on both sides. */
const TOLERANCE_SECONDS = 300;
const V1 = /^v1=[0-9a-f]{64}$/;

/**
 * Verifies a delivery on its raw bytes and reads what an inbox row needs. Several secrets allow rotation.
 * @param wallSeconds the machine's time; business time must not decide about signatures.
 * @throws INVALID_SIGNATURE for anything unsigned, INVALID_INPUT for a signed body that is not an event.
 */
export function verifyStripeEvent(
  rawBody: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
  wallSeconds: number,
): VerifiedEvent {
  if (!signature || !isSigned(rawBody, signature, secrets, wallSeconds)) {
    throw validation('INVALID_SIGNATURE', 'The signature does not match the body');
  }
  return readEvent(rawBody);
}

/** An event of a list we asked for ourselves. @throws INVALID_INPUT where it is no event. */
export function readListedEvent(rawBody: Buffer): ListedEvent {
  return { ...readEvent(rawBody), rawBody };
}

/**
 * Stripe's scheme v1: HMAC-SHA256 over "<t>.<body>" (docs.stripe.com/webhooks, "Verify webhook signatures manually"). Over
 * the bytes as they came: the SDK decodes them to text first, so that bytes which are no text could be exchanged unnoticed.
 */
function isSigned(rawBody: Buffer, header: string, secrets: readonly string[], wallSeconds: number): boolean {
  const parts = header.split(',').map((part) => part.trim());
  const time = parts.find((part) => part.startsWith('t='))?.slice(2) ?? '';
  if (!/^\d{1,12}$/.test(time) || Math.abs(wallSeconds - Number(time)) > TOLERANCE_SECONDS) return false;
  const given = parts.filter((part) => V1.test(part)).map((part) => Buffer.from(part.slice(3), 'hex'));
  return secrets.some((secret) => {
    if (secret === '') return false;
    const wanted = createHmac('sha256', secret).update(`${time}.`).update(rawBody).digest();
    return given.some((signature) => timingSafeEqual(signature, wanted));
  });
}

interface EventShape {
  id: string;
  type: string;
  created: number;
  livemode: boolean;
  api_version?: string | null;
  data: { object: Record<string, unknown> };
}

function readEvent(rawBody: Buffer): VerifiedEvent {
  const event = parse(rawBody);
  const object = event.data.object;
  const customer = object['object'] === 'customer' ? object['id'] : object['customer'];
  const customerRef = text(refOf(customer as string | { id: string } | null | undefined));
  return {
    eventId: event.id,
    type: event.type,
    apiVersion: text(event.api_version),
    livemode: event.livemode,
    objectType: text(object['object']),
    objectId: text(object['id']),
    aggregate: customerRef === null ? null : stripeAggregate(customerRef),
    occurredAt: new Date(event.created * 1000),
  };
}

function parse(rawBody: Buffer): EventShape {
  let value: unknown;
  try {
    value = JSON.parse(rawBody.toString('utf8'));
  } catch {
    throw validation('INVALID_INPUT', 'The signed body is not JSON');
  }
  if (!isEvent(value)) throw validation('INVALID_INPUT', 'The signed body is not a Stripe event');
  return value;
}

const MAX_ID = 255;
/** Beyond the year 2286 a time is not Stripe's, and Date's own range is not far. */
const MAX_SECONDS = 10_000_000_000;

function isEvent(value: unknown): value is EventShape {
  if (!isRecord(value)) return false;
  const { created, data } = value;
  return (
    text(value['id']) !== null &&
    text(value['type']) !== null &&
    typeof created === 'number' &&
    Number.isInteger(created) &&
    Math.abs(created) < MAX_SECONDS &&
    typeof value['livemode'] === 'boolean' &&
    isRecord(data) &&
    isRecord(data['object'])
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** NUL cannot be stored in a text column, and no id of Stripe's has one. */
function text(value: unknown): string | null {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= MAX_ID && !value.includes('\u0000');
  return fits ? value : null;
}
