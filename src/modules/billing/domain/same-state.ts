import { canonicalJson } from '../../../shared/fact-order';
import type { InvoiceFact, PaymentFact, PaymentPayload, Stored, SubscriptionFact } from '../../../shared/facts';
import { foldInvoice } from './fold-invoice';
import { foldPayment } from './fold-payment';
import { foldSubscription } from './fold-subscription';

/** A fact of an object's state as a whole, as a list shows it. */
export type SeenFact = SubscriptionFact | InvoiceFact | Extract<PaymentFact, { payload: PaymentPayload }>;

/** The links a provider hands out change without the object, and a payment's method is told by other facts too. */
const NOT_STATE: ReadonlySet<string> = new Set(['hostedUrl', 'pdfUrl', 'method']);

/** Pure: what a payload says of the object's state, as one text. */
export function stateText(payload: object): string {
  return canonicalJson(Object.fromEntries(Object.entries(payload).filter(([key]) => !NOT_STATE.has(key))));
}

/** What is known of an object, folded. */
export interface KnownState {
  /** As `stateText` gives it. */
  text: string;
  lastFactId: string;
  /** The provider's time of the latest fact. */
  lastToldAt: Date;
  undecided: boolean;
}

/** Pure: the fold of what is known; null where nothing has told the object's own state. */
export function knownState(objectType: SeenFact['objectType'], facts: readonly Stored[]): KnownState | null {
  const state = foldOf(objectType, facts);
  if (!state) return null;
  const lastToldAt = new Date(Math.max(...facts.map((fact) => fact.occurredAt.getTime())));
  return { text: stateText(state.payload), lastFactId: state.lastFactId, lastToldAt, undecided: state.undecided };
}

interface Folded {
  payload: object;
  lastFactId: string;
  undecided: boolean;
}

function foldOf(objectType: SeenFact['objectType'], facts: readonly Stored[]): Folded | null {
  switch (objectType) {
    case 'subscription':
      return foldSubscription(facts as readonly Stored<SubscriptionFact>[]);
    case 'invoice':
      return foldInvoice(facts as readonly Stored<InvoiceFact>[]);
    case 'payment': {
      const state = foldPayment(facts as readonly Stored<PaymentFact>[]);
      return state && { ...state, undecided: false };
    }
  }
}
