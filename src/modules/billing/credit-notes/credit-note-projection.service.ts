import { Injectable, type OnModuleInit } from '@nestjs/common';
import { parseCurrency } from '../../../shared/currency';
import type { CreditFact, FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { creditGranted, LedgerService, type JournalDraft } from '../../ledger';
import { MirroredObjects } from '../mirrors/mirrored-objects.service';
import { CREDIT_NOTE_MIRROR } from './credit-note.mirror';
import { creditNoteJournal } from './domain/fold-credit-note';

/** Credit notes, and credit given without one. */
@Injectable()
export class CreditNoteProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['credit_note', 'credit'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly mirrors: MirroredObjects,
    private readonly ledger: LedgerService,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const ofType = (type: FactObjectType): TouchedObject[] => objects.filter(({ key }) => key.objectType === type);
    const { mirrored, readAgain } = await this.mirrors.write(tx, CREDIT_NOTE_MIRROR, ofType('credit_note'));
    const drafts = mirrored.flatMap(({ object: { key, customerId }, state, row }) =>
      creditNoteJournal(state, { creditNoteId: row.id, providerRef: key.objectId, customerId }),
    );
    await this.ledger.post(tx, [...drafts, ...ofType('credit').flatMap(creditJournal)]);
    return readAgain;
  }

  isUndecided(objectType: FactObjectType, facts: readonly Stored[]): boolean {
    return objectType === 'credit_note' && CREDIT_NOTE_MIRROR.isUndecided(facts);
  }
}

/** A grant is told once, by the answer to our own call, and never changes. */
function creditJournal({ key, customerId, facts }: TouchedObject): JournalDraft[] {
  const [told] = facts as readonly Stored<CreditFact>[];
  if (!told) return [];
  const { amount, currency, createdAt } = told.payload;
  const draft = creditGranted({
    provider: 'stripe',
    providerRef: key.objectId,
    refId: key.objectId,
    customerId,
    currency: parseCurrency(currency),
    occurredAt: new Date(createdAt),
    amount: BigInt(amount),
  });
  return draft ? [draft] : [];
}
