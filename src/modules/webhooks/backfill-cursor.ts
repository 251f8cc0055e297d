import { invalidInput } from '../../platform/http';
import type { ListedObjectType } from '../../providers/provider.port';

/**
 * What a backfill goes through, in this order: events whose delivery failed; objects made in the time asked for; objects of
 * ours that may have changed in it, whenever they were made.
 */
export const BACKFILL_STEPS = [
  { kind: 'events' },
  ...(['subscription', 'invoice', 'payment'] as const).map((objectType) => ({ kind: 'made' as const, objectType })),
  ...(['subscription', 'invoice', 'payment'] as const).map((objectType) => ({ kind: 'changed' as const, objectType })),
] as const satisfies readonly ({ kind: 'events' } | { kind: 'made' | 'changed'; objectType: ListedObjectType })[];

/** Providers' own words: an id of Stripe's, an environment and a token of Apple's, a purchase token of Google's. */
const PAGE = /^[\w.~:%+/=-]{1,1100}$/;

/** Where a backfill goes on. */
export interface BackfillPlace {
  /** Index in BACKFILL_STEPS. */
  step: number;
  /** Milliseconds; the end of the time asked for stays as the first request had it. */
  until: number;
  /** The provider's page. */
  page?: string;
  /** Milliseconds: the step 'changed' goes on with objects made at this time or before. */
  madeBy?: number;
}

/** Pure: opaque to callers. */
export function encodePlace({ step, until, page, madeBy }: BackfillPlace): string {
  return Buffer.from(JSON.stringify([step, until, page ?? null, madeBy ?? null])).toString('base64url');
}

/** Pure. @throws INVALID_INPUT for anything `encodePlace` did not make. */
export function decodePlace(cursor: string): BackfillPlace {
  const place = placeOf(cursor);
  // Only our own spelling, so that nothing odd gets through.
  if (!place || encodePlace(place) !== cursor) {
    throw invalidInput([{ field: 'cursor', message: 'is not a cursor of a backfill' }]);
  }
  return place;
}

function placeOf(cursor: string): BackfillPlace | null {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 4) return null;
  const [step, until, page, madeBy] = parts as unknown[];
  if (!isTime(step) || step >= BACKFILL_STEPS.length || !isTime(until)) return null;
  if (page !== null && (typeof page !== 'string' || !PAGE.test(page))) return null;
  if (madeBy !== null && !isTime(madeBy)) return null;
  return { step, until, ...(page === null ? {} : { page }), ...(madeBy === null ? {} : { madeBy }) };
}

/** A whole number that a Date can hold. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 8_640_000_000_000_000;
}
