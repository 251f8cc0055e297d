/** A stand-in for Stripe Tax: one flat rate per country, enough to see tax lines flow through. */
import { roundSymmetric } from './proration';

const percentByCountry: Readonly<Record<string, number>> = {
  AT: 20,
  BE: 21,
  CH: 8.1,
  DE: 19,
  DK: 25,
  ES: 21,
  FI: 25.5,
  FR: 20,
  GB: 20,
  IE: 23,
  IT: 22,
  NL: 21,
  NO: 25,
  PL: 23,
  PT: 23,
  SE: 25,
};

export interface TaxShare {
  readonly amount: number;
  readonly behavior: 'exclusive' | 'inclusive';
  readonly taxable: number;
  readonly rateId: string;
  readonly collecting: boolean;
}

/**
 * Tax on one line.
 *
 * @param country ISO code; a country without a rate here is one where nothing is collected.
 * @param behavior of the price; `unspecified` counts as exclusive, Stripe's default for most currencies.
 */
export function taxOn(amount: number, country: string, behavior: string | null): TaxShare {
  const percent = percentByCountry[country] ?? 0;
  const rateId = `txr_sandbox${country}`;
  const collecting = percent > 0;
  if (behavior === 'inclusive') {
    const tax = roundSymmetric(amount - amount / (1 + percent / 100));
    return { amount: tax, behavior, taxable: amount - tax, rateId, collecting };
  }
  const tax = roundSymmetric((amount * percent) / 100);
  return { amount: tax, behavior: 'exclusive', taxable: amount, rateId, collecting };
}
