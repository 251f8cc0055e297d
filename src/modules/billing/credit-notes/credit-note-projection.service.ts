import { Injectable, type OnModuleInit } from '@nestjs/common';
import { parseCurrency } from '../../../shared/currency';
import type { CreditFact, CreditNoteFact, FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { creditGranted, LedgerService, type JournalDraft } from '../../ledger';
import { foldColumns } from '../domain/fold-object';
import { MirrorRows, type MirrorColumns, type OwnedObject } from '../mirror-rows.repository';
import { creditNoteJournal, foldCreditNote, type CreditNoteState } from './domain/fold-credit-note';

/** Credit notes, and credit given without one. */
@Injectable()
export class CreditNoteProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['credit_note', 'credit'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly rows: MirrorRows,
    private readonly ledger: LedgerService,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const credits = objects.filter(({ key }) => key.objectType === 'credit');
    const notes = objects.flatMap((object) => {
      const facts = object.key.objectType === 'credit_note' ? (object.facts as readonly Stored<CreditNoteFact>[]) : [];
      const state = foldCreditNote(facts);
      return state ? [{ object, state }] : [];
    });
    const written = await this.rows.write(
      tx,
      'credit_note',
      notes.map(({ object, state }) => creditNoteRow(object, state)),
    );
    const drafts = notes.flatMap(({ object: { key, customerId }, state }) => {
      const row = written.get(`${key.provider}:${key.objectId}`);
      if (!row) throw new Error('An upsert returned no row');
      return creditNoteJournal(state, { creditNoteId: row.id, providerRef: key.objectId, customerId });
    });
    await this.ledger.post(tx, [...drafts, ...credits.flatMap(creditJournal)]);
    return notes.filter(({ state }) => state.undecided).map(({ object: { key, aggregate } }) => ({ key, aggregate }));
  }

  isUndecided(objectType: FactObjectType, facts: readonly Stored[]): boolean {
    return (
      objectType === 'credit_note' && (foldCreditNote(facts as readonly Stored<CreditNoteFact>[])?.undecided ?? true)
    );
  }
}

export function creditNoteRow({ key, customerId }: OwnedObject, state: CreditNoteState): MirrorColumns {
  const p = state.payload;
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    provider_invoice_id: p.invoiceRef,
    number: p.number,
    status: p.status,
    reason: p.reason,
    currency: p.currency,
    total: p.total,
    tax: p.tax,
    pre_payment: p.prePayment,
    refunded: p.refunded,
    credited: p.credited,
    out_of_band: p.outOfBand,
    intent_id: p.intentId,
    created_at: p.createdAt,
    ...foldColumns(state),
  };
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
