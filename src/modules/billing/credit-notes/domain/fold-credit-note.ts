import { parseCurrency } from '../../../../shared/currency';
import type { FactOrder } from '../../../../shared/fact-order';
import type { CreditNoteFact, Stored } from '../../../../shared/facts';
import { creditNoteIssued, reversalOf, type JournalDraft } from '../../../ledger';
import { foldObject, type ObjectState } from '../../../../shared/fold-object';

export type CreditNoteState = ObjectState<Stored<CreditNoteFact>>;

const ORDER: FactOrder<CreditNoteFact> = {
  phaseOf: ({ kind, payload }) => (payload.status === 'void' ? 2 : kind === 'credit_note.created' ? 0 : 1),
  tieOf: () => 0,
};

export function foldCreditNote(facts: readonly Stored<CreditNoteFact>[]): CreditNoteState | null {
  return foldObject(facts, ORDER);
}

export interface CreditNoteIdentity {
  creditNoteId: string;
  providerRef: string;
  customerId: string;
}

/** Pure: its posting, and the reversal of a void one. Its figures never change. */
export function creditNoteJournal({ facts, payload }: CreditNoteState, identity: CreditNoteIdentity): JournalDraft[] {
  const { creditNoteId: refId, ...ids } = identity;
  const issued = creditNoteIssued({
    ...{ provider: 'stripe', refId, ...ids },
    currency: parseCurrency(payload.currency),
    occurredAt: new Date(payload.createdAt),
    total: BigInt(payload.total),
    tax: BigInt(payload.tax),
    prePayment: BigInt(payload.prePayment),
    refunded: BigInt(payload.refunded),
    credited: BigInt(payload.credited),
    outOfBand: BigInt(payload.outOfBand),
  });
  if (!issued) return [];
  const voided = facts.find(({ payload: told }) => told.status === 'void');
  if (!voided) return [issued];
  const { voidedAt } = voided.payload;
  return [issued, reversalOf(issued, voidedAt === null ? voided.occurredAt : new Date(voidedAt))];
}
