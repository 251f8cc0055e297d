/** Whom a signal is about: a ticket is opened once for the same one. */
export type SignalSubject = 'customer' | 'card' | 'address' | 'house';

/** What a rule on a signal must say, and what has to be known to observe it. */
interface SignalShape {
  subject: SignalSubject;
  /** Looks back over `windowSeconds`; else at this attempt alone. */
  window: boolean;
  currency: boolean;
  maxAmount: boolean;
  /** The card that would be charged has to be read at the provider. */
  card: boolean;
}

const LOOKS_BACK = { window: true, currency: false, maxAmount: false, card: false };
const LOOKS_AT_CARD = { window: false, currency: false, maxAmount: false, card: true };

/**
 * Everything a rule can look at. What is observed, all in whole numbers:
 * failures: declined attempts, and those nobody knows the end of. cards: different ones, this one included. setups: cards
 * begun to be added, whatever came of them. small failures: declines up to `maxAmount`, and of cards that were only
 * to be saved. country: 1 where two differ.
 * refunds: what was given back, also in part. amount_vs: how many times the usual amount (the median). amount: minor units.
 */
export const SIGNALS = {
  failures_of_customer: { ...LOOKS_BACK, subject: 'customer' },
  failures_of_card: { ...LOOKS_BACK, subject: 'card', card: true },
  failures_of_ip: { ...LOOKS_BACK, subject: 'address' },
  cards_of_customer: { ...LOOKS_BACK, subject: 'customer', card: true },
  cards_of_ip: { ...LOOKS_BACK, subject: 'address', card: true },
  setups_of_customer: { ...LOOKS_BACK, subject: 'customer' },
  small_failures_of_house: { ...LOOKS_BACK, subject: 'house', currency: true, maxAmount: true },
  card_country_vs_billing: { ...LOOKS_AT_CARD, subject: 'customer' },
  card_country_vs_request: { ...LOOKS_AT_CARD, subject: 'customer' },
  refunds_of_customer: { ...LOOKS_BACK, subject: 'customer' },
  amount_vs_customer: { ...LOOKS_BACK, subject: 'customer' },
  amount_vs_house: { ...LOOKS_BACK, subject: 'customer' },
  amount: { subject: 'customer', window: false, currency: true, maxAmount: false, card: false },
} as const satisfies Record<string, SignalShape>;

export type Signal = keyof typeof SIGNALS;
export const SIGNAL_NAMES = Object.keys(SIGNALS) as Signal[];

/** Pure: what rules on the signal need, as one type for all. */
export function shapeOf(signal: Signal): SignalShape {
  return SIGNALS[signal];
}
