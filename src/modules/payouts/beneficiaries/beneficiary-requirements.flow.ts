import { Injectable } from '@nestjs/common';
import { decimalsOf, type Currency } from '../../../shared/currency';
import { money, type Money } from '../../../shared/money';
import { WiseGateway, type RecipientRequirement } from '../../../providers/wise';

export interface PayoutRoute {
  /** Of the balance that pays; null: one that we have. */
  sourceCurrency: Currency | null;
  /** What arrives. What is needed may depend on how much it is. */
  target: Money;
}

/** Where money is held, mostly: asked first after the payee's own currency. */
const LIKELY: readonly Currency[] = ['USD', 'EUR', 'GBP'];
/** In the region of a payout anywhere: neither under a minimum nor over a limit. */
const NOMINAL_MAJOR_UNITS = 1_000n;
const NOMINAL_WHOLE_UNITS = 100_000n;

/** What the provider needs to know of a beneficiary. It says so for a route and an amount, by a quote that nobody uses. */
@Injectable()
export class BeneficiaryRequirements {
  constructor(private readonly wise: WiseGateway) {}

  /** @throws UNSUPPORTED_CORRIDOR, AMOUNT_OUT_OF_RANGE, PROVIDER_NOT_CONFIGURED, PROVIDER_ERROR. */
  async of({ sourceCurrency, target }: PayoutRoute): Promise<RecipientRequirement[]> {
    const source = sourceCurrency ?? (await this.sourceFor(target.currency));
    const quote = await this.wise.quote({ sourceCurrency: source, target, recipientRef: null });
    return this.wise.requirements(quote.quoteRef);
  }

  private async sourceFor(currency: Currency): Promise<Currency> {
    for (const candidate of new Set([currency, ...LIKELY])) {
      if ((await this.wise.balance(candidate)) !== null) return candidate;
    }
    return currency;
  }
}

/** Pure: an amount to ask with where none is known yet. */
export function nominalAmount(currency: Currency): Money {
  const decimals = decimalsOf(currency);
  return money(decimals === 0 ? NOMINAL_WHOLE_UNITS : NOMINAL_MAJOR_UNITS * 10n ** BigInt(decimals), currency);
}
