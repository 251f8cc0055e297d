import { createHash, type Hash } from 'node:crypto';

/** Names the encoding, so that another one can follow it one day. */
const FORMAT = 'kassa.ledger.seal.1';

/** An entry as it is sealed: position, account, amount in minor units as decimal text, currency. */
export type SealedEntry = readonly [position: number, account: string, amount: string, currency: string];

/** A journal transaction as it is sealed and verified. Whole numbers beyond 2^53 are text. */
export interface SealedTransaction {
  id: string;
  seq: string;
  xactId: string;
  type: string;
  /** Seconds since 1970 with all their digits, as PostgreSQL's `extract(epoch …)` prints them: microseconds are kept. */
  ts: string;
  recordedAt: string;
  provider: string;
  refId: string;
  customerId: string | null;
  idempotencyKey: string;
  /** Hexadecimal. */
  contentHash: string;
  reversesId: string | null;
  /** As PostgreSQL prints jsonb. */
  meta: string;
  /** By position. */
  entries: readonly SealedEntry[];
}

/** The order in which the journal is sealed. */
export interface JournalPlace {
  xactId: bigint;
  seq: bigint;
}

export const BEGINNING: JournalPlace = { xactId: 0n, seq: 0n };

/** What a seal says, all of which its hash covers. */
export interface SealBody {
  /** From 1, without gaps. */
  number: bigint;
  /** Hexadecimal; null for the first. */
  previousHash: string | null;
  /** Only transactions whose `seq` is above it; see `SealHead.moved`. */
  afterSeq: bigint;
  /** The last transaction of the batch: it reaches from behind the one before, or from the beginning under a new `afterSeq`. */
  last: JournalPlace;
  /** The highest `seq` in it. */
  maxSeq: bigint;
  transactions: number;
  entries: number;
  /** SHA-256 over the transactions, hexadecimal. */
  contentHash: string;
  sealedAt: Date;
}

export interface Seal extends SealBody {
  hash: string;
}

/** Pure: -1, 0 or 1. */
export function comparePlaces(a: JournalPlace, b: JournalPlace): number {
  if (a.xactId !== b.xactId) return a.xactId < b.xactId ? -1 : 1;
  return a.seq === b.seq ? 0 : a.seq < b.seq ? -1 : 1;
}

export function placeOf({ xactId, seq }: Pick<SealedTransaction, 'xactId' | 'seq'>): JournalPlace {
  return { xactId: BigInt(xactId), seq: BigInt(seq) };
}

/**
 * One line of JSON (RFC 8259, as ECMAScript's JSON.stringify writes it, without spaces) per transaction, UTF-8: every column and every
 * entry in a fixed order. JSON quotes every text, so no two transactions share a line.
 */
export function transactionLine(transaction: SealedTransaction): string {
  const { id, seq, xactId, type, ts, recordedAt, provider, refId, customerId } = transaction;
  const { idempotencyKey, contentHash, reversesId, meta, entries } = transaction;
  const about = [id, seq, xactId, type, ts, recordedAt, provider, refId, customerId];
  return `${JSON.stringify([...about, idempotencyKey, contentHash, reversesId, meta, entries])}\n`;
}

/** Digests transactions one after the other. */
export class ContentDigest {
  private readonly hash: Hash = createHash('sha256');
  transactions = 0;
  entries = 0;

  add(transaction: SealedTransaction): void {
    this.hash.update(transactionLine(transaction));
    this.transactions += 1;
    this.entries += transaction.entries.length;
  }

  /** Hexadecimal; the end of the digest. */
  end(): string {
    return this.hash.digest('hex');
  }
}

/** Pure: SHA-256 over one line of JSON of all that the seal says, the hash of the one before included. Hexadecimal. */
export function sealHash(seal: SealBody): string {
  const { number, previousHash, afterSeq, last, maxSeq, transactions, entries, contentHash, sealedAt } = seal;
  const whole = [number, afterSeq, last.xactId, last.seq, maxSeq].map(String);
  const line = JSON.stringify([
    FORMAT,
    ...whole,
    transactions,
    entries,
    contentHash,
    sealedAt.toISOString(),
    previousHash,
  ]);
  return createHash('sha256').update(line).digest('hex');
}
