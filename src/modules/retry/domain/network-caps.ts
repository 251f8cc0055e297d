const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Cap {
  attempts: number;
  windowMs: number;
}

/**
 * How often networks let a declined payment be tried again before they take fees. Visa: 15 in 30 days
 * (https://www.payvision.com/scheme-updates/visa-new-fees-for-declined-transactions-reattempts/; 20 since May 2025, which
 * not every acquirer counts so). Mastercard: 10 in 24 hours and 35 in 30 days
 * (https://support.checkout.com/hc/en-us/articles/25482040901394-When-can-I-retry-a-declined-transaction).
 */
const CAPS: Readonly<Record<string, readonly Cap[]>> = {
  visa: [{ attempts: 15, windowMs: 30 * DAY_MS }],
  mastercard: [
    { attempts: 10, windowMs: DAY_MS },
    { attempts: 35, windowMs: 30 * DAY_MS },
  ],
};
/** Of a network that names none, or where it is not known, the strictest of both. */
const STRICTEST: readonly Cap[] = [
  { attempts: 10, windowMs: DAY_MS },
  { attempts: 15, windowMs: 30 * DAY_MS },
];

/**
 * The first moment from `at` on at which another attempt stays within the network's caps.
 * @param charges when the customer's card was charged for this so far, whoever did it; in any order.
 * @param brand in Stripe's words, `visa`; null where it is not known.
 */
export function withinCaps(at: Date, charges: readonly Date[], brand: string | null): Date {
  const past = charges.map((charge) => charge.getTime()).sort((a, b) => a - b);
  let moment = at.getTime();
  for (const { attempts, windowMs } of (brand !== null && CAPS[brand]) || STRICTEST) {
    // The one that has to leave the window before there is room for one more.
    const blocking = past[past.length - attempts];
    if (blocking !== undefined) moment = Math.max(moment, blocking + windowMs);
  }
  return new Date(moment);
}
