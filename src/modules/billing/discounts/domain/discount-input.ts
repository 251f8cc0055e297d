import { isAppError } from '../../../../shared/app-error';
import { parseCurrency } from '../../../../shared/currency';
import { money } from '../../../../shared/money';
import { toStripeAmount } from '../../../../shared/money-stripe';
import type { DiscountTerms } from './discount';

/** Something that is wrong with what an administrator wants. */
export interface DiscountProblem {
  field: string;
  message: string;
}

/** Pure: what contradicts itself in a discount's terms, beyond what each field alone must be. */
export function problemsOfTerms(terms: DiscountTerms): DiscountProblem[] {
  const { percentOff, amountOff, currency, duration, durationMonths } = terms;
  const problems: DiscountProblem[] = [];
  if ((percentOff === null) === (amountOff === null)) {
    problems.push({ field: 'percentOff', message: 'exactly one of percentOff and amountOff must be given' });
  }
  if (amountOff !== null && currency === null) problems.push({ field: 'currency', message: 'an amount needs it' });
  if (amountOff === null && currency !== null) {
    problems.push({ field: 'currency', message: 'belongs to amountOff only' });
  }
  if (amountOff !== null && currency !== null) problems.push(...problemsOfAmount(amountOff, currency));
  if (duration === 'repeating' && durationMonths === null) {
    problems.push({ field: 'durationInMonths', message: 'a repeating discount needs it' });
  }
  if (duration !== 'repeating' && durationMonths !== null) {
    problems.push({ field: 'durationInMonths', message: 'belongs to repeating discounts only' });
  }
  return problems;
}

/** Pure: what a date of expiry must not be. */
export function problemsOfExpiry(expiresAt: Date | null, now: Date): DiscountProblem[] {
  return expiresAt !== null && expiresAt <= now
    ? [{ field: 'expiresAt', message: 'must be in the future; to end a discount now, make it inactive' }]
    : [];
}

/** What the currency does not know, or Stripe cannot carry in it. */
function problemsOfAmount(amountOff: bigint, currency: string): DiscountProblem[] {
  try {
    toStripeAmount(money(amountOff, parseCurrency(currency)));
    return [];
  } catch (error) {
    if (!isAppError(error)) throw error;
    const field = error.code === 'AMOUNT_NOT_CHARGEABLE' ? 'amountOff' : 'currency';
    return [{ field, message: error.message }];
  }
}
