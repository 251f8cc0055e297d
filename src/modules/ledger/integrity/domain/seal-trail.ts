import { comparePlaces, ContentDigest, placeOf, sealHash, type Seal, type SealedTransaction } from './seal';

/** chain: it does not follow the one before, or its hash is not its own. seal: what it covers is not what was sealed. */
export interface SealBroken {
  kind: 'chain' | 'seal';
  number: bigint;
  message: string;
}

/**
 * Walks along the journal and its seals at once, both in order. Whoever drives it gives the next seal when asked: first
 * `reaches` for a row, then `open` as long as it does not, and `add`.
 */
export class SealTrail {
  private last: Seal | null = null;
  private open: { seal: Seal; digest: ContentDigest; isKnown: boolean } | null = null;

  constructor(private readonly report: (broken: SealBroken) => void) {}

  /** Whether the row lies within the open seal, or before it. */
  reaches(transaction: Pick<SealedTransaction, 'xactId' | 'seq'>): boolean {
    return this.open !== null && comparePlaces(placeOf(transaction), this.open.seal.last) <= 0;
  }

  /** The next seal; ends the one that is open. */
  begin(seal: Seal): void {
    this.end();
    const message = faultOf(seal, this.last);
    if (message !== null) this.report({ kind: 'chain', number: seal.number, message });
    // Where a batch begins is known from the seal before it only.
    const isStartKnown = this.last === null || sealHash(this.last) === this.last.hash;
    this.open = { seal, digest: new ContentDigest(), isKnown: message === null && isStartKnown };
    this.last = seal;
  }

  add(transaction: SealedTransaction): void {
    this.open?.digest.add(transaction);
  }

  /** No row of the open seal comes any more. */
  end(): void {
    if (this.open?.isKnown === true) {
      const { seal, digest } = this.open;
      const { transactions, entries } = digest;
      if (transactions !== seal.transactions || entries !== seal.entries) {
        const message = `covers ${seal.transactions} transactions with ${seal.entries} entries, and there are ${transactions} with ${entries}`;
        this.report({ kind: 'seal', number: seal.number, message });
      } else if (digest.end() !== seal.contentHash) {
        const message = `covers ${seal.transactions} transactions of which at least one was changed`;
        this.report({ kind: 'seal', number: seal.number, message });
      }
    }
    this.open = null;
  }
}

/** Pure. Why a seal does not follow the one before; null where it does. */
export function faultOf(seal: Seal, before: Seal | null): string | null {
  if (sealHash(seal) !== seal.hash) return 'is not the seal that was written: it has another hash';
  if (seal.number !== (before?.number ?? 0n) + 1n)
    return `follows ${before?.number ?? 'nothing'}: those between are missing`;
  if (seal.previousHash !== (before?.hash ?? null)) return 'does not follow the one before: that has another hash';
  return isBehind(seal, before) ? null : 'covers nothing that the one before does not';
}

function isBehind(seal: Seal, before: Seal | null): boolean {
  if (!before) return true;
  if (seal.afterSeq !== before.afterSeq) return seal.afterSeq > before.afterSeq;
  return comparePlaces(seal.last, before.last) > 0;
}
