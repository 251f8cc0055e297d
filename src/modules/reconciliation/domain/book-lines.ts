import type { MovementKind, StatementLine } from '../../../shared/statement-line';

/** A journal transaction that touches the provider's clearing account. */
export interface BookTransaction {
  id: string;
  /** The journal's type, e.g. `charge.settled`. */
  type: string;
  /** `provider:object:kind[:occurrence]`. */
  key: string;
  /** Our id, or the provider's, of what it is about. */
  refId: string;
  at: Date;
  /** False where `at` is not when it happened: a transfer's funding that nobody told of is dated by the reading that found it. */
  isDated?: boolean;
  /** On the clearing account, per currency; debit positive, minor units. */
  clearing: readonly Sum[];
  /** What the provider kept, per currency; debit positive. */
  fees: readonly Sum[];
  /** Of an invoice's: the payments by which it was paid. Empty for every other posting. */
  payments: readonly { ref: string; amount: bigint }[];
}

export interface Sum {
  currency: string;
  amount: bigint;
}

/** What the books say of one movement, in one currency. gross = net + fee. */
export interface BookSum {
  currency: string;
  net: bigint;
  fee: bigint;
}

/** One movement on the provider's balance as the books have it: one journal transaction, or several of one charge or refund. */
export interface BookLine {
  /** Groups it with the provider's lines of the same movement; see `keyOfLine`. */
  key: string;
  kind: MovementKind;
  /** What to ask the provider for; null where nothing would be found. */
  objectRef: string;
  /** The provider's id of the movement, where the posting is made from it. */
  movementRef: string | null;
  at: Date;
  /** Whether `at` is the movement's own time; else it is when somebody told. */
  isDated: boolean;
  /**
   * Of a charge: what the customer paid is booked, and what came in of it. Of a refund: what was refunded is booked, and its
   * exchange into our balance's currency. Both true for all else.
   */
  isCollected: boolean;
  isSettled: boolean;
  sums: readonly BookSum[];
  transactions: readonly string[];
}

/** Pure: what makes two lines one movement. A dispute's movements are one group: they follow each other. */
export function keyOfLine({ kind, objectRef, paymentRef, ref }: StatementLine): string {
  switch (kind) {
    case 'charge':
      return `charge:${paymentRef ?? objectRef ?? ref}`;
    case 'refund':
    case 'refund_failure':
    case 'payout':
    case 'payout_failure':
    case 'deposit':
      return `${kind}:${objectRef ?? ref}`;
    case 'dispute':
    case 'dispute_reversal':
      return `dispute:${objectRef ?? ref}`;
    case 'fee':
    case 'other':
      return `${kind}:${ref}`;
  }
}

const SINGLE: Readonly<Record<string, { kind: MovementKind; isDated: boolean }>> = {
  'dispute.withdrawn': { kind: 'dispute', isDated: true },
  'dispute.reinstated': { kind: 'dispute_reversal', isDated: true },
  'provider_payout.sent': { kind: 'payout', isDated: true },
  'provider_payout.sent.reversed': { kind: 'payout_failure', isDated: false },
  'transfer.funded': { kind: 'payout', isDated: true },
  'transfer.returned': { kind: 'payout_failure', isDated: false },
  'deposit.received': { kind: 'deposit', isDated: true },
};
/** A store's sale is paid with it: it is dated by itself, and nothing more of it is told. */
const STORE = /^(apple|google):/;
const EXCHANGED = 'refund.exchanged';
const OF_INVOICE: ReadonlySet<string> = new Set(['invoice.paid', 'invoice.paid_elsewhere']);

interface ChargeParts {
  collected: BookTransaction[];
  settled: BookTransaction | null;
  share: BookSum[];
}

/**
 * Pure: journal transactions as movements. @param transactions with all of an invoice's and of its payments', in any order.
 */
export function bookLines(transactions: readonly BookTransaction[]): BookLine[] {
  const lines: BookLine[] = [];
  const charges = new Map<string, ChargeParts>();
  const partsOf = (payment: string): ChargeParts => {
    const parts = charges.get(payment) ?? { collected: [], settled: null, share: [] };
    charges.set(payment, parts);
    return parts;
  };
  for (const [invoice, postings] of byInvoice(transactions)) {
    for (const { ref, sums } of shares(invoice, postings)) {
      const parts = partsOf(ref);
      parts.collected.push(...postings);
      parts.share.push(...sums);
    }
  }
  const refunds = new Map<string, BookTransaction[]>();
  for (const transaction of transactions) {
    if (OF_INVOICE.has(transaction.type)) continue;
    const refund = refundKindOf(transaction);
    const key = `${refund ?? ''}:${objectIn(transaction.key)}`;
    if (transaction.type === 'charge.settled') partsOf(transaction.refId).settled = transaction;
    else if (refund) refunds.set(key, [...(refunds.get(key) ?? []), transaction]);
    else lines.push(singleLine(transaction));
  }
  for (const [key, postings] of refunds) {
    const line = refundLine(key, postings);
    if (line) lines.push(line);
  }
  for (const [payment, parts] of charges) {
    const line = chargeLine(payment, parts);
    if (line) lines.push(line);
  }
  return lines.sort((a, b) => compare(a.key, b.key) || compare(a.movementRef ?? '', b.movementRef ?? ''));
}

function byInvoice(transactions: readonly BookTransaction[]): Map<string, BookTransaction[]> {
  const found = new Map<string, BookTransaction[]>();
  for (const transaction of transactions) {
    if (!OF_INVOICE.has(transaction.type)) continue;
    const invoice = objectIn(transaction.key);
    found.set(invoice, [...(found.get(invoice) ?? []), transaction]);
  }
  return found;
}

/**
 * What of an invoice was paid by each of its payments; what they do not add up to is the last one's, so that a difference
 * shows once. An invoice without a payment stands for itself.
 */
function shares(invoice: string, postings: readonly BookTransaction[]): { ref: string; sums: BookSum[] }[] {
  const booked = postings.flatMap(({ clearing }) => clearing).reduce((sum, { amount }) => sum + amount, 0n);
  const currency = postings[0]?.clearing[0]?.currency ?? '';
  if (booked === 0n) return [];
  const payments = [...(postings[0]?.payments ?? [])].sort((a, b) => compare(a.ref, b.ref));
  const last = payments.at(-1);
  if (!last) return [{ ref: invoice, sums: [{ currency, net: booked, fee: 0n }] }];
  const others = payments.slice(0, -1);
  const rest = others.reduce((left, { amount }) => left - amount, booked);
  return [...others, { ref: last.ref, amount: rest }].map(({ ref, amount }) => ({
    ref,
    sums: [{ currency, net: amount, fee: 0n }],
  }));
}

function chargeLine(payment: string, { collected, settled, share }: ChargeParts): BookLine | null {
  const first = settled ?? collected[0];
  if (!first) return null;
  const isSettled = settled !== null || STORE.test(first.key);
  return {
    key: `charge:${payment}`,
    kind: 'charge',
    objectRef: settled ? objectIn(settled.key) : payment,
    movementRef: null,
    at: first.at,
    isDated: isSettled,
    isCollected: collected.length > 0,
    isSettled,
    sums: added([...share, ...(settled ? sumsOf(settled) : [])]),
    transactions: [...new Set([...collected, ...(settled ? [settled] : [])].map(({ id }) => id))].sort(),
  };
}

/** What a refund took and what came back are two movements, each with its exchange. */
function refundKindOf({ type, key }: BookTransaction): 'refund' | 'refund_failure' | null {
  if (type === EXCHANGED) return key.endsWith(':returned') ? 'refund_failure' : 'refund';
  if (type === 'refund.created') return 'refund';
  return type === 'refund.created.reversed' ? 'refund_failure' : null;
}

function refundLine(key: string, postings: readonly BookTransaction[]): BookLine | null {
  const exchange = postings.find(({ type }) => type === EXCHANGED);
  const told = exchange ?? postings[0];
  if (!told) return null;
  const kind = key.startsWith('refund:') ? 'refund' : 'refund_failure';
  return {
    ...{ key, kind, objectRef: objectIn(told.key), movementRef: null, at: told.at },
    isDated: kind === 'refund' || exchange !== undefined,
    isCollected: postings.some(({ type }) => type !== EXCHANGED),
    isSettled: exchange !== undefined,
    sums: added(postings.flatMap(sumsOf)),
    transactions: postings.map(({ id }) => id).sort(),
  };
}

function singleLine(transaction: BookTransaction): BookLine {
  const { id, type, key, at } = transaction;
  const objectRef = objectIn(key);
  const { kind, isDated } = SINGLE[type] ?? { kind: 'other' as const, isDated: true };
  const isDispute = kind === 'dispute' || kind === 'dispute_reversal';
  const group = kind === 'other' ? `other:${key}` : `${isDispute ? 'dispute' : kind}:${objectRef}`;
  return {
    ...{ key: group, kind, objectRef, at, isCollected: true, isSettled: true },
    isDated: isDated && transaction.isDated !== false,
    movementRef: isDispute ? (key.split(':')[3] ?? null) : null,
    // What comes back of a transfer comes as one sum, whatever of it had been a fee.
    sums: sumsOf(type === 'transfer.returned' ? { ...transaction, fees: [] } : transaction),
    transactions: [id],
  };
}

function sumsOf({ clearing, fees }: BookTransaction): BookSum[] {
  return added([
    ...clearing.map(({ currency, amount }) => ({ currency, net: amount, fee: 0n })),
    ...fees.map(({ currency, amount }) => ({ currency, net: 0n, fee: amount })),
  ]);
}

/** Per currency, and only what is left: a charge in another currency than our balance has gone through it to nothing. */
function added(parts: readonly BookSum[]): BookSum[] {
  const sums = new Map<string, BookSum>();
  for (const { currency, net, fee } of parts) {
    const sum = sums.get(currency) ?? { currency, net: 0n, fee: 0n };
    sums.set(currency, { currency, net: sum.net + net, fee: sum.fee + fee });
  }
  return [...sums.values()]
    .filter(({ net, fee }) => net !== 0n || fee !== 0n)
    .sort((a, b) => compare(a.currency, b.currency));
}

/** The provider's object in a posting's key. */
function objectIn(key: string): string {
  return key.split(':')[1] ?? key;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
