import { randomBytes } from 'node:crypto';

/**
 * Every prefix and what it names. The prefix is part of the published id (api.md), so a prefix never changes its meaning.
 */
export const ID_PREFIXES = {
  cust: 'customer',
  org: 'organisation',
  mem: 'organisation membership',
  plan: 'plan',
  price: 'price',
  feat: 'feature',
  disc: 'discount',
  dred: 'discount redemption',
  sub: 'subscription',
  chg: 'subscription change',
  cs: 'checkout session',
  inv: 'invoice',
  pay: 'payment',
  pm: 'payment method',
  pcu: "provider's customer",
  rfd: 'refund',
  dsp: 'dispute',
  crn: 'credit note',
  ppo: "provider's payout",
  grant: 'entitlement grant',
  acct: 'ledger account',
  jtx: 'journal transaction',
  jent: 'journal entry',
  seal: 'ledger seal',
  evt: 'inbox event',
  fact: 'fact',
  out: 'outbox event',
  dlv: 'outbox delivery',
  int: 'intent',
  idk: 'idempotency key record',
  aud: 'audit entry',
  alr: 'alert',
  req: 'request',
  mtr: 'meter',
  use: 'usage event',
  rsv: 'usage reservation',
  case: 'dunning case',
  att: 'payment recovery attempt',
  bnf: 'beneficiary',
  po: 'payout',
  pob: 'batch of payouts',
  trf: 'transfer',
  pod: 'pod',
  pmem: 'pod membership',
  ctr: 'contribution',
  ctc: 'contract',
  rcn: 'reconciliation run',
  brk: 'reconciliation break',
  tkt: 'support ticket',
  tkn: 'note on a support ticket',
  frd: 'fraud decision',
  pat: 'payment attempt',
  ntf: 'notification',
  ntw: "an operator's words of a notification",
  xfer: 'purchase transfer',
  whe: 'webhook endpoint',
  whs: 'webhook secret',
  msg: 'outgoing message',
  whd: 'outgoing delivery',
  dvc: 'device for push messages',
  mob: 'mail in the outbox of an installation without SMTP',
} as const;

export type IdPrefix = keyof typeof ID_PREFIXES;
export type Id<P extends IdPrefix = IdPrefix> = `${P}_${string}`;

/** Crockford's base32 without i, l, o, u (crockford.com/base32.html); lower case because the ids stand in URLs. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;
const RANDOM_BYTES = 10;
const RANDOM_LIMIT = 1n << 80n;
const MAX_MS = 2 ** 48 - 1;
/** 48 bits fill ten characters with two bits to spare, so the first is at most '7'. */
const BODY = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

let lastMs = -1;
let lastRandom = 0n;

function encode(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i += 1) {
    text = ALPHABET.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}

/** A fresh draw for a new millisecond; the last one plus one within the same, so that ids sort in the order they were made. */
function nextRandom(clockMs: number, random: (size: number) => Uint8Array): bigint {
  if (clockMs === lastMs && lastRandom + 1n < RANDOM_LIMIT) return lastRandom + 1n;
  return BigInt(`0x${Buffer.from(random(RANDOM_BYTES)).toString('hex')}`);
}

/**
 * A ULID (github.com/ulid/spec) under a prefix: `sub_` + 10 characters of time + 16 of randomness, sortable as text.
 * @param clockMs milliseconds since 1970, of the caller's clock; 0 to 2^48 - 1, else a RangeError.
 * @param random source of bytes, for tests; the default is the system's secure one.
 */
export function newId<P extends IdPrefix>(
  prefix: P,
  clockMs: number,
  random: (size: number) => Uint8Array = randomBytes,
): Id<P> {
  if (!Number.isInteger(clockMs) || clockMs < 0 || clockMs > MAX_MS) {
    throw new RangeError(`An id needs whole milliseconds between 0 and 2^48 - 1, got ${clockMs}`);
  }
  const value = nextRandom(clockMs, random);
  lastMs = clockMs;
  lastRandom = value;
  return `${prefix}_${encode(BigInt(clockMs), TIME_CHARS)}${encode(value, RANDOM_CHARS)}`;
}

/** True for an id of this very prefix in the exact form `newId` makes; safe on any input. */
export function isId<P extends IdPrefix>(prefix: P, value: unknown): value is Id<P> {
  return typeof value === 'string' && value.startsWith(`${prefix}_`) && BODY.test(value.slice(prefix.length + 1));
}

const ANY_ID = /_([0-7][0-9a-hjkmnp-tv-z]{25})$/;

/** The part of an id of ours that sorts by the time it was made at, whatever stands before it; undefined without one. */
export function idBody(text: string): string | undefined {
  return ANY_ID.exec(text)?.[1];
}

/** No id of this prefix that was made at or after the moment sorts before this text. @param clockMs as for `newId`. */
export function idFloor(prefix: IdPrefix, clockMs: number): string {
  return `${prefix}_${encode(BigInt(Math.max(0, Math.floor(clockMs))), TIME_CHARS)}`;
}
