import { canonicalJson } from '../../../shared/fact-order';
import type { Fact, InvoiceFact, PaymentFact, PaymentPayload, Stored, SubscriptionFact } from '../../../shared/facts';
import { foldInvoice } from './fold-invoice';
import { foldPayment } from './fold-payment';
import { foldSubscription } from './fold-subscription';

/** An object as a list showed it: what it tells, and when the provider answered. */
export interface Sighting {
  facts: readonly Fact[];
  answeredAt: Date;
}

/**
 * - `same`: we know it like that.
 * - `different`: we know it otherwise, and nothing newer.
 * - `underway`: what we know is newer than the look, or is being asked for already.
 * - `unknown`: nobody has told us of it.
 */
export type Verdict = 'same' | 'different' | 'underway' | 'unknown';

export interface Comparison {
  verdict: Verdict;
  /** What was seen, as one text: equal for equal states. */
  seen: string;
  /** The fact our state ends with; null for the unknown. */
  lastFactId: string | null;
}

/** A fact of an object's state as a whole, as a list shows it. */
type SeenFact = SubscriptionFact | InvoiceFact | Extract<PaymentFact, { payload: PaymentPayload }>;

/**
 * The links a provider hands out change without the object, a payment's method is told by other facts too, and what was
 * paid elsewhere is shown by no list. What a tax is made of is not in facts recorded before it was read; its sum is.
 */
const NOT_STATE: ReadonlySet<string> = new Set(['hostedUrl', 'pdfUrl', 'method', 'amountPaidOffStripe', 'taxes']);

/** Pure: what a payload says of the object's state, as one text. */
function stateText(payload: object): string {
  return canonicalJson(Object.fromEntries(Object.entries(payload).filter(([key]) => !NOT_STATE.has(key))));
}

/** What is known of an object, folded. */
interface KnownState {
  /** As `stateText` gives it. */
  text: string;
  lastFactId: string;
  /** The provider's time of the latest fact. */
  lastToldAt: Date;
  undecided: boolean;
}

/** Pure: the fold of what is known; null where nothing has told the object's own state. */
function knownState(objectType: SeenFact['objectType'], facts: readonly Stored[]): KnownState | null {
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
    case 'payment':
      return foldPayment(facts as readonly Stored<PaymentFact>[]);
  }
}

/** Pure. @param knownOf all facts known of the object a fact tells of. */
export function compareWithFacts(
  { facts, answeredAt }: Sighting,
  knownOf: (fact: Fact) => readonly Stored[],
): Comparison {
  const state = facts.find(isSeen);
  if (!state) throw new Error('What was seen tells no state');
  const links = facts.filter((fact) => fact.kind === 'payment.linked');
  const seen = [stateText(state.payload), ...links.map(({ objectId }) => objectId).sort()].join('\n');
  const known = knownState(state.objectType, knownOf(state));
  if (!known) return { verdict: 'unknown', seen, lastFactId: null };
  const { lastFactId } = known;
  const linked = links.every((link) => knownOf(link).some((fact) => saysTheSame(fact, link)));
  if (linked && known.text === stateText(state.payload)) return { verdict: 'same', seen, lastFactId };
  const newer = known.undecided || known.lastToldAt > answeredAt;
  return { verdict: newer ? 'underway' : 'different', seen, lastFactId };
}

function isSeen(fact: Fact): fact is SeenFact {
  return fact.kind === 'subscription.snapshot' || fact.kind === 'invoice.snapshot' || fact.kind === 'payment.snapshot';
}

function saysTheSame(known: Fact, link: Fact): boolean {
  if (known.kind !== 'payment.linked' || link.kind !== 'payment.linked') return false;
  return known.payload.invoiceRef === link.payload.invoiceRef;
}
