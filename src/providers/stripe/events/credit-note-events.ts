import type Stripe from 'stripe';
import type { CreditNoteFact } from '../../../shared/facts';
import { toCreditNotePayload } from '../stripe-money-objects';
import { placed, previous, type EventTable } from './event-table';

const KINDS = {
  'credit_note.created': 'credit_note.created',
  'credit_note.updated': 'credit_note.changed',
  'credit_note.voided': 'credit_note.voided',
} as const satisfies Record<string, CreditNoteFact['kind']>;

export const CREDIT_NOTE_EVENTS: EventTable = {
  object: 'credit_note',
  types: Object.keys(KINDS),
  readAs: 'credit_note',
  translate: (event, base) => {
    const payload = toCreditNotePayload(event.data.object as Stripe.CreditNote);
    const kind = KINDS[event.type as keyof typeof KINDS];
    const before = previous(event, toCreditNotePayload);
    return placed(payload.customerRef, { ...base, objectType: 'credit_note', kind, payload, before });
  },
};
