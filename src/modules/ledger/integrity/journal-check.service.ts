import { Injectable } from '@nestjs/common';
import { JOURNAL_RULES, rulesBroken } from './domain/journal-rules';
import { SealTrail } from './domain/seal-trail';
import type { Seal, SealedTransaction } from './domain/seal';
import type { CheckContext, LedgerCheck } from './ledger-check';
import { SealsRepository } from './seals.repository';

interface Looked {
  transactions: number;
  entries: number;
  seals: number;
  unsealed: number;
}

/** One stretch of the journal's recorded order. More than one where the database has moved to another cluster. */
interface Stretch {
  afterSeq: bigint;
  through: bigint | null;
}

/** Each journal transaction by itself, and all of them with the seals over them: one walk in recorded order. */
@Injectable()
export class JournalCheck implements LedgerCheck {
  readonly kinds = [...JOURNAL_RULES, 'chain', 'seal', 'unsealed'] as const;

  constructor(private readonly repository: SealsRepository) {}

  async run(context: CheckContext): Promise<Readonly<Record<string, number>>> {
    const looked: Looked = { transactions: 0, entries: 0, seals: 0, unsealed: 0 };
    const trail = new SealTrail(({ number, ...broken }) => {
      context.report({ ...broken, subject: `seal ${number}` });
    });
    const seals = new SealReader(this.repository.chain(context.snapshot));
    const ends = await this.repository.moves(context.snapshot);
    for (const [i, afterSeq] of [0n, ...ends].entries()) {
      await this.walk(context, { afterSeq, through: ends[i] ?? null }, seals, trail, looked);
    }
    looked.seals = seals.read;
    return { ...looked };
  }

  private async walk(
    context: CheckContext,
    { afterSeq, through }: Stretch,
    seals: SealReader,
    trail: SealTrail,
    looked: Looked,
  ): Promise<void> {
    const take = async (): Promise<boolean> => {
      const seal = await seals.nextOf(afterSeq);
      if (seal) trail.begin(seal);
      return seal !== null;
    };
    for await (const batch of this.repository.journal(context.snapshot, afterSeq, through)) {
      context.signal?.throwIfAborted();
      for (const transaction of batch) {
        looked.transactions += 1;
        looked.entries += transaction.entries.length;
        examine(context, transaction);
        while (!trail.reaches(transaction)) if (!(await take())) break;
        if (trail.reaches(transaction)) trail.add(transaction);
        else if (through === null) looked.unsealed += 1;
        else unsealed(context, transaction);
      }
    }
    while (await take());
    trail.end();
  }
}

function examine({ report }: CheckContext, transaction: SealedTransaction): void {
  for (const broken of rulesBroken(transaction)) report({ ...broken, subject: transaction.idempotencyKey });
}

/** Behind the last seal rows wait for the next one; in a stretch that is closed, none does. */
function unsealed({ report }: CheckContext, { idempotencyKey: subject }: SealedTransaction): void {
  report({ kind: 'unsealed', subject, message: 'was never sealed, though the database it was written in is left' });
}

/** The chain, one seal ahead. */
class SealReader {
  private ahead: Seal | null | undefined;
  read = 0;

  constructor(private readonly seals: AsyncGenerator<Seal, void, void>) {}

  /** The next seal, if it is of this stretch. */
  async nextOf(afterSeq: bigint): Promise<Seal | null> {
    if (this.ahead === undefined) this.ahead = await this.pull();
    if (this.ahead?.afterSeq !== afterSeq) return null;
    const seal = this.ahead;
    this.ahead = undefined;
    this.read += 1;
    return seal;
  }

  private async pull(): Promise<Seal | null> {
    const { value } = await this.seals.next();
    return value ?? null;
  }
}
