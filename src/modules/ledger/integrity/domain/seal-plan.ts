import {
  BEGINNING,
  ContentDigest,
  placeOf,
  sealHash,
  type JournalPlace,
  type Seal,
  type SealedTransaction,
} from './seal';

/** Where the chain stands. */
export interface SealHead {
  /** Null before the first seal. */
  last: Seal | null;
  /**
   * The rows were written in another cluster: a dump was restored, or the database was replicated elsewhere. There, transaction ids
   * began anew. Told by rows that this cluster cannot have written: their transaction id is not assigned yet.
   */
  moved: boolean;
  /** Where it has moved: no row that was written before has a higher `seq`, and no row that was written since has a lower one. */
  movedSeq: bigint;
}

/** Which rows come next, in the order of `JournalPlace`. */
export interface NextRange {
  afterSeq: bigint;
  after: JournalPlace;
  /** Rows of another cluster, none of which is still being written; null for those of this one, below its horizon. */
  throughSeq: bigint | null;
}

/**
 * Pure. The ranges to look for unsealed rows in, in this order: usually one. After a move the rest of the old rows comes first, and
 * then the new ones, from the lowest transaction id on.
 */
export function nextRanges({ last, moved, movedSeq }: SealHead): NextRange[] {
  const here = { afterSeq: last?.afterSeq ?? 0n, after: last?.last ?? BEGINNING };
  if (!moved) return [{ ...here, throughSeq: null }];
  return [
    { ...here, throughSeq: movedSeq },
    { afterSeq: movedSeq, after: BEGINNING, throughSeq: null },
  ];
}

/** Pure: the seal over the next transactions. @param transactions in order, at least one. */
export function sealOf(
  head: Pick<SealHead, 'last'>,
  { afterSeq }: Pick<NextRange, 'afterSeq'>,
  transactions: readonly [SealedTransaction, ...SealedTransaction[]],
  sealedAt: Date,
): Seal {
  const digest = new ContentDigest();
  let last = BEGINNING;
  let maxSeq = 0n;
  for (const transaction of transactions) {
    digest.add(transaction);
    last = placeOf(transaction);
    if (last.seq > maxSeq) maxSeq = last.seq;
  }
  const body = {
    number: (head.last?.number ?? 0n) + 1n,
    previousHash: head.last?.hash ?? null,
    ...{ afterSeq, last, maxSeq, sealedAt },
    ...{ transactions: digest.transactions, entries: digest.entries, contentHash: digest.end() },
  };
  return { ...body, hash: sealHash(body) };
}
