/** Discounts given to one invoice while it is a draft, instead of its subscription's. */
import type { SandboxContext } from './context';
import { redeemForInvoice, planDiscounts } from './discounts';
import type { DiscountInput } from './discounting';
import { invalidRequest } from './errors';
import { reprice } from './invoice-draft';
import type { InvoiceObject } from './wire';

/**
 * Gives a draft the discounts a request names and works it out anew; an empty list takes all away.
 *
 * @throws 400 when it is no draft any more, or for a discount that cannot be redeemed.
 */
export function setInvoiceDiscounts(
  ctx: SandboxContext,
  invoice: InvoiceObject,
  inputs: readonly DiscountInput[] | '',
): void {
  if (invoice.status !== 'draft') {
    throw invalidRequest('Finalized invoices cannot change their discounts.', 'discounts', 'invoice_not_editable');
  }
  const items = invoice.lines.data.map((line) => ({
    price: ctx.store.require('price', line.pricing.price_details.price),
    quantity: line.quantity,
  }));
  const order = { customer: invoice.customer, currency: invoice.currency, items };
  const current = invoice.discounts.map((reference) => (typeof reference === 'string' ? reference : reference.id));
  const planned = planDiscounts(ctx, inputs, order, current);
  redeemForInvoice(ctx, invoice, planned);
  ctx.update(invoice, (target) => {
    reprice(
      ctx,
      target,
      planned.map(({ terms }) => terms),
    );
  });
}
