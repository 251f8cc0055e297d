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

/** The seal over the next transactions, made as they come: none of them is kept. */
export class SealDraft {
  private readonly digest = new ContentDigest();
  private place: JournalPlace | null = null;
  private maxSeq = 0n;

  constructor(private readonly afterSeq: bigint) {}

  get transactions(): number {
    return this.digest.transactions;
  }

  /** Of the last one; null where there was none. */
  get last(): JournalPlace | null {
    return this.place;
  }

  /** In order. */
  add(transaction: SealedTransaction): void {
    this.digest.add(transaction);
    this.place = placeOf(transaction);
    if (this.place.seq > this.maxSeq) this.maxSeq = this.place.seq;
  }

  /** @param last the seal before this one. @returns null over nothing. */
  end({ last }: Pick<SealHead, 'last'>, sealedAt: Date): Seal | null {
    if (!this.place) return null;
    const { transactions, entries } = this.digest;
    const body = {
      number: (last?.number ?? 0n) + 1n,
      previousHash: last?.hash ?? null,
      ...{ afterSeq: this.afterSeq, last: this.place, maxSeq: this.maxSeq, sealedAt },
      ...{ transactions, entries, contentHash: this.digest.end() },
    };
    return { ...body, hash: sealHash(body) };
  }
}
