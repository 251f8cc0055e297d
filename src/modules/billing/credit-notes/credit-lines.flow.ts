import { Injectable } from '@nestjs/common';
import { parseCurrency, type Currency } from '../../../shared/currency';
import type { InvoiceLine } from '../../../shared/facts';
import { money } from '../../../shared/money';
import { fromStripeAmount, stripeStep, toStripeAmount } from '../../../shared/money-stripe';
import { StripeMoneyGateway, type CreditNoteOrder } from '../../../providers/stripe';
import type { Invoice } from '../invoices.repository';
import { creditNoteNotSplittable, creditNoteTooMuch } from './credit-notes.errors';
import { creditSplits, type CreditableLine, type CreditSplit } from './domain/credit-lines';

/** How many ways are tried at Stripe: its rounding may differ from ours by a unit. */
const MAX_TRIES = 4;

/**
 * Lays a credit note out on the lines of a taxed invoice, because Stripe reduces tax only by lines. What it then comes to is
 * asked of Stripe before anything is made.
 */
@Injectable()
export class CreditLines {
  constructor(private readonly stripe: StripeMoneyGateway) {}

  /**
   * @param asked minor units, tax included: what the order's amount is at Stripe.
   * @throws CREDIT_NOTE_EXCEEDS_INVOICE; CREDIT_NOTE_AMOUNT_UNAVAILABLE with the nearest amounts where rounding leaves it out
   */
  async laidOut(invoice: Invoice, order: CreditNoteOrder, asked: bigint): Promise<CreditNoteOrder> {
    if (invoice.tax === 0n) return order;
    const currency = parseCurrency(invoice.currency);
    const credited = await this.stripe.creditedLines(order.invoiceRef);
    const lines = invoice.lines.map((line) => toCreditable(line, credited.get(line.ref) ?? 0));
    const splits = creditSplits(asked, lines, stripeStep(currency));
    for (const split of splits.slice(0, MAX_TRIES)) {
      const tried = { ...order, lines: toOrderLines(split, currency) };
      const verdict = await this.stripe.tryCreditNote(tried);
      if (verdict === 'fits') return tried;
      if (verdict === 'too_much' && split.total <= asked) throw creditNoteTooMuch();
    }
    throw splits.length === 0 ? creditNoteTooMuch() : creditNoteNotSplittable(around(asked, splits));
  }
}

function toCreditable(
  { ref, amount, currency, discount, tax, taxInclusive }: InvoiceLine,
  taken: number,
): CreditableLine {
  return {
    ref,
    amount: BigInt(amount),
    discount: BigInt(discount ?? 0),
    taxOnTop: BigInt(tax - (taxInclusive ?? 0)),
    credited: fromStripeAmount(taken, currency.toLowerCase()).amount,
  };
}

function toOrderLines({ lines }: CreditSplit, currency: Currency): CreditNoteOrder['lines'] {
  return lines.map(({ ref, amount }) => ({ ref, amount: toStripeAmount(money(amount, currency)).amount }));
}

/** The closest totals below and above; the same where Stripe rounds otherwise than we do. */
function around(asked: bigint, splits: readonly CreditSplit[]): bigint[] {
  const below = splits.find(({ total }) => total < asked);
  const above = splits.find(({ total }) => total > asked);
  return [below, above].flatMap((split) => (split ? [split.total] : []));
}
