import { DECLINE_TABLE, type DeclineClass } from './decline-table';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the provider said of a declined attempt; null where it said nothing. */
export interface Decline {
  declineCode: string | null;
  /** Stripe's: try_again_later, do_not_try_again, confirm_card_data (https://docs.stripe.com/declines/codes#advice-codes). */
  adviceCode: string | null;
  /** The network's own, two digits. */
  networkAdviceCode: string | null;
}

export interface Classified {
  class: DeclineClass;
  /** False: the code is none we know. It is taken for soft, and tried less often. */
  known: boolean;
  /** Not before so long after it, in milliseconds. */
  waitMs: number;
}

/**
 * Mastercard's merchant advice codes that name a time
 * (https://developer.paypal.com/braintree/docs/reference/general/merchant-responses/merchant-advice-codes).
 */
const NETWORK_WAITS: Readonly<Record<string, number>> = {
  '24': HOUR_MS,
  '25': DAY_MS,
  '26': 2 * DAY_MS,
  '27': 4 * DAY_MS,
  '28': 6 * DAY_MS,
  '29': 8 * DAY_MS,
  '30': 10 * DAY_MS,
};
/** 03: do not try again; 21: the customer has stopped recurring payments. Charging again costs a fee. Visa's 1: never approves. */
const NETWORK_STOPS: ReadonlySet<string> = new Set(['03', '21']);

/** What a decline means for whoever would try again. The networks' word goes before the issuer's, and both before the code's. */
export function classify({ declineCode, adviceCode, networkAdviceCode }: Decline): Classified {
  const entry = declineCode === null ? undefined : DECLINE_TABLE.get(declineCode);
  const waitMs = NETWORK_WAITS[networkAdviceCode ?? ''] ?? 0;
  if (entry?.class === 'fraud' || entry?.class === 'authentication') return { class: entry.class, known: true, waitMs };
  const stops = adviceCode === 'do_not_try_again' || adviceCode === 'confirm_card_data';
  if (stops || NETWORK_STOPS.has(networkAdviceCode ?? '')) return { class: 'hard', known: true, waitMs };
  if (entry) return { class: entry.class, known: true, waitMs };
  return { class: 'soft', known: adviceCode === 'try_again_later' || waitMs > 0, waitMs };
}
