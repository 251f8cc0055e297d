/** Sub-objects Stripe shows only when a request expands them. */
import type { SandboxContext } from './context';
import { lineItems } from './checkout-sessions';
import { intentOf } from './invoices';
import { isOver } from './subscription-object';
import { taxStanding } from './tax';
import { taxIdsOf } from './tax-ids';
import type { InvoiceObject, WireList } from './wire';

const list = <T>(data: T[], url: string): WireList<T> => ({ object: 'list', data, has_more: false, url });

/** What Stripe counts in `amount_paid` although it was paid elsewhere. */
function paidOffStripe(ctx: SandboxContext, invoice: InvoiceObject): number {
  const here = ctx.store.linked('invoice_payment', invoice.id).filter(({ status }) => status === 'paid');
  return invoice.amount_paid - here.reduce((sum, payment) => sum + (payment.amount_paid ?? 0), 0);
}

function ofInvoice(ctx: SandboxContext, invoice: InvoiceObject, field: string): object | number | undefined {
  if (field === 'amount_paid_off_stripe') return paidOffStripe(ctx, invoice);
  if (field === 'payments') {
    const payments = ctx.store.linked('invoice_payment', invoice.id);
    return list(payments, `/v1/invoice_payments?invoice=${invoice.id}`);
  }
  const intent = intentOf(ctx, invoice);
  if (field !== 'confirmation_secret' || intent === undefined) return undefined;
  return { client_secret: intent.client_secret, type: 'payment_intent' };
}

/** The sub-object, or undefined when the field is no such thing or has nothing to show. */
export function expandable(ctx: SandboxContext, id: string, field: string): object | number | undefined {
  const object = ctx.store.any(id);
  const products = ctx.couponProducts.get(id);
  if (object?.object === 'coupon' && field === 'applies_to' && products !== undefined) return { products };
  if (object?.object === 'customer' && field === 'tax_ids') {
    return list(taxIdsOf(ctx, id), `/v1/customers/${id}/tax_ids`);
  }
  if (object?.object === 'customer' && field === 'tax') return taxStanding(object);
  if (object?.object === 'invoice') return ofInvoice(ctx, object, field);
  if (object?.object === 'charge' && field === 'refunds') {
    return list(ctx.store.linked('refund', id).reverse(), `/v1/charges/${id}/refunds`);
  }
  const draft = ctx.checkouts.get(id);
  if (draft !== undefined && field === 'line_items') return lineItems(ctx, id, draft);
  if (object?.object === 'customer' && field === 'subscriptions') {
    const running = ctx.store.linked('subscription', id).filter((sub) => !isOver(sub));
    return list(running.reverse(), `/v1/customers/${id}/subscriptions`);
  }
  return undefined;
}
