/** One thing that happened to a customer. */
export interface TimelineEntry {
  at: Date;
  /** Unique in a timeline; orders what happened at one moment. */
  key: string;
  /** What it is about and what happened, `invoice.paid`. */
  type: string;
  objectType: string;
  objectId: string;
  /** Minor units. */
  amount: bigint | null;
  currency: string | null;
  /** The provider, or who did it. */
  source: string;
  /** What its sentence is made of. */
  words: Record<string, string | null>;
}

type Sentence = (words: Record<string, string | null>, entry: TimelineEntry) => string;

const plan = (words: Record<string, string | null>): string => words['toPlan'] ?? 'The subscription';
const invoice = ({ number }: Record<string, string | null>, { objectId }: TimelineEntry): string =>
  `Invoice ${number ?? objectId}`;

function method({ brand, last4 }: Record<string, string | null>): string {
  return brand && last4 ? `${brand} ${last4}` : 'a saved method';
}

/** What is known, and only that: ` (insufficient_funds)`. */
function because(code: string | null | undefined): string {
  return code ? ` (${code})` : '';
}

const SENTENCES: Readonly<Record<string, Sentence>> = {
  'subscription.created': (w) => `Subscribed to ${plan(w)}`,
  'subscription.activated': (w) => `${plan(w)} became active`,
  'subscription.trial_started': (w) => `The trial of ${plan(w)} began`,
  'subscription.upgraded': (w) => `Upgraded from ${w['fromPlan'] ?? 'another plan'} to ${plan(w)}`,
  'subscription.downgraded': (w) => `Downgraded from ${w['fromPlan'] ?? 'another plan'} to ${plan(w)}`,
  'subscription.cycle_changed': (w) => `${plan(w)} is billed in another cycle`,
  'subscription.quantity_changed': (w) => `The quantity of ${plan(w)} changed`,
  'subscription.cancellation_scheduled': (w) => `${plan(w)} was set to end`,
  'subscription.cancellation_revoked': (w) => `${plan(w)} is to go on after all`,
  'subscription.canceled': (w) => `${plan(w)} was canceled`,
  'subscription.expired': (w) => `${plan(w)} ran out before it was paid`,
  'subscription.payment_failed': (w) => `A payment for ${plan(w)} failed`,
  'subscription.recovered': (w) => `${plan(w)} was paid after all`,
  'subscription.paused': (w) => `${plan(w)} was paused`,
  'subscription.resumed': (w) => `${plan(w)} was resumed`,
  'subscription.status_changed': (w) =>
    `${plan(w)} went from ${w['fromStatus'] ?? 'nothing'} to ${w['toStatus'] ?? ''}`,
  'invoice.finalized': (w, entry) => `${invoice(w, entry)} was issued`,
  'invoice.paid': (w, entry) => `${invoice(w, entry)} was paid`,
  'invoice.payment_failed': (w, entry) => `${invoice(w, entry)} could not be charged at the first attempt`,
  'invoice.voided': (w, entry) => `${invoice(w, entry)} was voided`,
  'invoice.uncollectible': (w, entry) => `${invoice(w, entry)} was given up as uncollectible`,
  'payment.pending': (w) => `A payment with ${method(w)} is under way`,
  'payment.requires_action': (w) => `A payment with ${method(w)} waits for the customer's confirmation`,
  'payment.succeeded': (w) => `Paid with ${method(w)}`,
  'payment.failed': (w) => `A payment with ${method(w)} was declined${because(w['declineCode'])}`,
  'payment.canceled': (w) => `A payment with ${method(w)} was called off`,
  'refund.pending': () => 'A refund is under way',
  'refund.requires_action': () => 'A refund waits for the customer',
  'refund.succeeded': (w) => `Refunded${because(w['reason'])}`,
  'refund.failed': (w) => `A refund failed${because(w['failure'])}`,
  'refund.canceled': () => 'A refund was called off',
  'dispute.warning_needs_response': (w) => `The bank asks about a payment${because(w['reason'])}`,
  'dispute.warning_under_review': (w) => `The bank looks at our answer about a payment${because(w['reason'])}`,
  'dispute.warning_closed': (w) => `The bank's question about a payment came to nothing${because(w['reason'])}`,
  'dispute.needs_response': (w) => `A payment is disputed${because(w['reason'])}`,
  'dispute.under_review': (w) => `A payment is disputed, and the bank looks at our evidence${because(w['reason'])}`,
  'dispute.won': (w) => `A dispute was won${because(w['reason'])}`,
  'dispute.lost': (w) => `A dispute was lost${because(w['reason'])}`,
  'dispute.prevented': (w) => `A dispute was prevented${because(w['reason'])}`,
  'credit_note.issued': (w) => `Credit note ${w['number'] ?? ''} was issued`,
  'credit_note.void': (w) => `Credit note ${w['number'] ?? ''} was issued and taken back`,
  'credit.granted': () => 'Credit was given, for later invoices',
  'ticket.opened': (w) => `Ticket opened: ${w['text'] ?? ''}`,
  'ticket.resolved': (w) => `Ticket resolved${because(w['resolution'])}: ${w['text'] ?? ''}`,
  'grant.given': (w) => `Access to ${w['feature'] ?? ''} was given`,
  'grant.revoked': (w) => `Access to ${w['feature'] ?? ''} was taken away`,
  'event.failed': (w) => `The event ${w['text'] ?? ''} could not be handled${because(w['code'])}`,
};

/** What happened, in a sentence for people. */
export function sentenceOf(entry: TimelineEntry): string {
  const { type, words } = entry;
  const sentence = SENTENCES[type];
  if (sentence) return sentence(words, entry);
  if (type.startsWith('audit.')) return `${spaced(type.slice('audit.'.length))}, by ${words['actor'] ?? entry.source}`;
  return spaced(type);
}

/** A name that has no sentence yet, readable all the same: `refund.failed` is "Refund failed". */
function spaced(name: string): string {
  const text = name.replace(/[._]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
