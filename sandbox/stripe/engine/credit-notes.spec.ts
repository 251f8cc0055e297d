import fc from 'fast-check';
import {
  at,
  customerNow,
  customerWith,
  DAY,
  harness,
  invoiceNow,
  shop,
  subscribe,
  subscriptionNow,
  type Harness,
} from './harness';
import { balanceOf, charges, refund, refusal } from './money-harness';
import type {
  ChargeObject,
  CreditNoteObject,
  CustomerBalanceTransactionObject,
  InvoiceObject,
  PaymentIntentObject,
  WireList,
} from './wire';

const start = at('2027-01-31T10:00:00Z');

function credit(h: Harness, invoice: InvoiceObject, params: object): CreditNoteObject {
  return h.call('POST', '/v1/credit_notes', { invoice: invoice.id, ...params }) as CreditNoteObject;
}

function moves(h: Harness, customer: string, filter: object = {}): [string, number, number][] {
  const list = h.call('GET', `/v1/customers/${customer}/balance_transactions`, filter);
  return (list as WireList<CustomerBalanceTransactionObject>).data.map((move) => [
    move.type,
    move.amount,
    move.ending_balance,
  ]);
}

interface Sale {
  readonly customer: string;
  readonly invoice: InvoiceObject;
  readonly charge: ChargeObject | undefined;
  readonly subscription: string;
}

/** The first invoice of a subscription for 29.99, paid by a card that works, else open. */
function sale(h: Harness, paid: boolean, more: object = {}): Sale {
  const { customer } = customerWith(h, paid ? 'pm_card_visa' : undefined);
  const sub = subscribe(h, customer.id, shop(h).pro.id, {
    ...(paid ? {} : { payment_behavior: 'default_incomplete' }),
    ...more,
  });
  const [charge] = charges(h);
  return { customer: customer.id, invoice: invoiceNow(h, sub.latest_invoice), charge, subscription: sub.id };
}

describe('credit notes on an open invoice', () => {
  it('reduce what is due, and what the payment will take', () => {
    const h = harness(start);
    const { invoice } = sale(h, false);
    h.heard();
    const note = credit(h, invoice, { amount: 1000, memo: 'sorry', reason: 'order_change', metadata: { a: '1' } });
    expect(note).toMatchObject({
      amount: 1000,
      type: 'pre_payment',
      pre_payment_amount: 1000,
      post_payment_amount: 0,
      status: 'issued',
      number: `${invoice.number ?? ''}-CN-01`,
      memo: 'sorry',
      metadata: { a: '1' },
    });
    expect(h.heard()).toEqual(['credit_note.created', 'invoice.updated']);
    expect(h.events.at(-1)?.previous).toEqual({
      amount_due: 2999,
      amount_remaining: 2999,
      pre_payment_credit_notes_amount: 0,
    });
    expect(invoiceNow(h, invoice.id)).toMatchObject({
      status: 'open',
      total: 2999,
      amount_due: 1999,
      amount_remaining: 1999,
    });
    const intents = h.call('GET', '/v1/payment_intents') as WireList<PaymentIntentObject>;
    expect(intents.data[0]?.amount).toBe(1999);
    h.call('POST', `/v1/payment_intents/${intents.data[0]?.id ?? ''}/confirm`, { payment_method: 'pm_card_visa' });
    expect(invoiceNow(h, invoice.id)).toMatchObject({ status: 'paid', amount_paid: 1999, amount_remaining: 0 });
    expect(charges(h)[0]).toMatchObject({ amount: 1999 });
  });

  it('pay it when nothing is left', () => {
    const h = harness(start);
    const { invoice, subscription } = sale(h, false);
    h.heard();
    credit(h, invoice, {
      lines: [{ type: 'invoice_line_item', invoice_line_item: invoice.lines.data[0]?.id, quantity: 1 }],
    });
    expect(h.heard()).toEqual(expect.arrayContaining(['payment_intent.canceled', 'invoice.paid']));
    expect(invoiceNow(h, invoice.id)).toMatchObject({ status: 'paid', amount_paid: 0, amount_due: 0 });
    expect(subscriptionNow(h, subscription).status).toBe('active');
  });

  it('are taken back by voiding them while it is open', () => {
    const h = harness(start);
    const { invoice } = sale(h, false);
    const note = credit(h, invoice, { amount: 1000 });
    h.heard();
    expect(h.call('POST', `/v1/credit_notes/${note.id}/void`)).toMatchObject({ status: 'void', voided_at: start });
    expect(h.heard()).toEqual(['credit_note.voided', 'invoice.updated']);
    expect(invoiceNow(h, invoice.id)).toMatchObject({
      amount_due: 2999,
      amount_remaining: 2999,
      pre_payment_credit_notes_amount: 0,
    });
    expect(() => h.call('POST', `/v1/credit_notes/${note.id}/void`)).toThrow('already been voided');
  });

  it('cannot send money anywhere', () => {
    const h = harness(start);
    const { invoice } = sale(h, false);
    expect(() => credit(h, invoice, { amount: 1000, credit_amount: 1000 })).toThrow(
      'must equal the post payment amount',
    );
    expect(() => credit(h, invoice, { amount: 3000 })).toThrow('greater than the amount that can be credited ($29.99)');
    expect(invoiceNow(h, invoice.id)).toEqual(invoice);
  });
});

describe('credit notes on a paid invoice', () => {
  it('refund, give credit and stay outside, together what they credit', () => {
    const h = harness(start);
    const { invoice, customer, charge } = sale(h, true);
    h.heard();
    const note = credit(h, invoice, { amount: 2000, refund_amount: 1200, credit_amount: 500, out_of_band_amount: 300 });
    expect(h.heard()).toEqual([
      'refund.created',
      'charge.refunded',
      'customer.updated',
      'credit_note.created',
      'invoice.updated',
    ]);
    expect(note).toMatchObject({ type: 'post_payment', post_payment_amount: 2000, out_of_band_amount: 300 });
    expect(note.refunds).toMatchObject([{ amount_refunded: 1200, type: 'refund' }]);
    expect(h.call('GET', '/v1/refunds', { charge: charge?.id })).toMatchObject({ data: [{ amount: 1200 }] });
    expect(customerNow(h, customer).balance).toBe(-500);
    expect(moves(h, customer)).toEqual([['credit_note', -500, -500]]);
    expect(invoiceNow(h, invoice.id)).toMatchObject({
      status: 'paid',
      amount_paid: 2999,
      post_payment_credit_notes_amount: 2000,
    });
    expect(balanceOf(h)).toBe(2999 - 117 - 1200);
    expect(() => h.call('POST', `/v1/credit_notes/${note.id}/void`)).toThrow('open invoice');
    expect(() => credit(h, invoice, { amount: 1000, credit_amount: 1000 })).toThrow('can be credited ($9.99)');
  });

  it('refund those who are no customers any more, but give them no credit', () => {
    const h = harness(start);
    const { invoice, customer } = sale(h, true);
    h.call('DELETE', `/v1/customers/${customer}`);
    expect(() => credit(h, invoice, { amount: 100, credit_amount: 100 })).toThrow('No such customer');
    expect(credit(h, invoice, { amount: 100, refund_amount: 100 }).refunds).toHaveLength(1);
  });

  it('count refunds made beside them, and take them over when they are linked', () => {
    const h = harness(start);
    const { invoice, charge } = sale(h, true);
    if (charge === undefined) throw new Error('no charge');
    const made = refund(h, charge, { amount: 1000 });
    expect(() => credit(h, invoice, { amount: 2000, credit_amount: 2000 })).toThrow('can be credited ($19.99)');
    const note = credit(h, invoice, { amount: 1000, refunds: [{ refund: made.id }] });
    expect(note.refunds).toMatchObject([{ refund: made.id, amount_refunded: 1000 }]);
    expect(() => credit(h, invoice, { amount: 1, refunds: [{ refund: made.id }] })).toThrow('cannot be linked');
    expect(credit(h, invoice, { amount: 1999, refund_amount: 1999 }).number).toBe(`${invoice.number ?? ''}-CN-02`);
    expect(charges(h)[0]).toMatchObject({ refunded: true });
  });

  it('credit lines with their share of tax', () => {
    const h = harness(start);
    const { customer } = customerWith(h, 'pm_card_visa');
    h.call('POST', `/v1/customers/${customer.id}`, { address: { country: 'DE' } });
    const more = { automatic_tax: { enabled: true } };
    const sub = subscribe(h, customer.id, shop(h).pro.id, more);
    const invoice = invoiceNow(h, sub.latest_invoice);
    expect(invoice.total).toBe(3569);
    const line = invoice.lines.data[0]?.id;
    const half = {
      lines: [{ type: 'invoice_line_item', invoice_line_item: line, amount: 1500 }],
      out_of_band_amount: 1785,
    };
    expect(h.call('GET', '/v1/credit_notes/preview', { invoice: invoice.id, ...half })).toMatchObject({ total: 1785 });
    const note = credit(h, invoice, half);
    expect(note).toMatchObject({
      subtotal: 1500,
      total: 1785,
      total_excluding_tax: 1500,
      total_taxes: [{ amount: 285 }],
    });
    expect(note.lines.data).toMatchObject([{ amount: 1500, invoice_line_item: line, taxes: [{ amount: 285 }] }]);
    const rest = (amount: number): object => ({
      lines: [{ type: 'invoice_line_item', invoice_line_item: line, amount }],
      out_of_band_amount: 1784,
    });
    expect(refusal(() => credit(h, invoice, rest(1500)))).toBe('parameter_invalid_integer');
    expect(credit(h, invoice, rest(1499)).total).toBe(1784);
    expect(invoiceNow(h, invoice.id).post_payment_credit_notes_amount).toBe(3569);
  });

  it('are listed, found and described', () => {
    const h = harness(start);
    const { invoice, customer } = sale(h, true);
    const note = credit(h, invoice, { amount: 100, credit_amount: 100 });
    expect(h.call('GET', '/v1/credit_notes', { invoice: invoice.id })).toMatchObject({ data: [{ id: note.id }] });
    expect(h.call('GET', '/v1/credit_notes', { customer: 'cus_other' })).toMatchObject({ data: [] });
    h.call('POST', `/v1/credit_notes/${note.id}`, { memo: 'new words' });
    expect(h.events.at(-1)).toMatchObject({ type: 'credit_note.updated', previous: { memo: null } });
    expect(h.call('GET', `/v1/credit_notes/${note.id}/lines`)).toMatchObject({ data: [{ amount: 100 }] });
    expect(moves(h, customer, { invoice: invoice.id })).toHaveLength(1);
  });

  it.each([
    [{}, 'One of `amount`, `lines`'],
    [{ amount: 100, lines: [] }, 'One of `amount`, `lines`'],
    [{ amount: 0 }, 'greater than or equal to 1'],
    [{ lines: [] }, 'greater than zero'],
    [{ lines: [{ type: 'invoice_line_item', invoice_line_item: 'il_no', amount: 1 }] }, 'No such invoice line item'],
    [{ lines: [{ type: 'custom_line_item', unit_amount: 5 }] }, 'Missing required param: lines[0][description]'],
    [{ amount: 100, refunds: [{ refund: 're_nobody' }] }, "No such refund: 're_nobody'"],
    [{ amount: 100, credit_amount: -100 }, 'greater than or equal to 0'],
  ])('refuse %j', (params, message) => {
    const h = harness(start);
    const { invoice } = sale(h, true);
    expect(() => credit(h, invoice, params)).toThrow(message);
    expect(invoiceNow(h, invoice.id)).toEqual(invoice);
  });

  it('never credit and refund more than was paid, in any order', () => {
    const step = fc.record({
      kind: fc.constantFrom('refund' as const, 'note refund' as const, 'note credit' as const),
      amount: fc.integer({ min: 1, max: 3100 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const h = harness(start);
        const { invoice, charge, customer } = sale(h, true);
        if (charge === undefined) throw new Error('no charge');
        for (const { kind, amount } of steps) {
          try {
            if (kind === 'refund') refund(h, charge, { amount });
            if (kind === 'note refund') credit(h, invoice, { amount, refund_amount: amount });
            if (kind === 'note credit') credit(h, invoice, { amount, credit_amount: amount });
          } catch (error) {
            expect(error).toMatchObject({ status: 400 });
          }
        }
        const after = invoiceNow(h, invoice.id);
        const [now] = charges(h);
        expect(now?.amount_refunded).toBeLessThanOrEqual(2999);
        expect(after.post_payment_credit_notes_amount).toBeLessThanOrEqual(2999);
        expect(balanceOf(h)).toBe(2999 - 117 - (now?.amount_refunded ?? 0));
        const balance = moves(h, customer, { limit: 100 }).reduce((total, [, amount]) => total + amount, 0);
        expect(customerNow(h, customer).balance).toBe(balance === 0 ? 0 : balance);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the credit balance of a customer', () => {
  it('explains itself: adjustments, invoices and what voiding gave back', () => {
    const h = harness(start);
    const { customer } = customerWith(h, 'pm_card_visa');
    const url = `/v1/customers/${customer.id}/balance_transactions`;
    const move = h.call('POST', url, { amount: -4000, currency: 'usd', description: 'goodwill', metadata: { a: '1' } });
    expect(move).toMatchObject({
      type: 'adjustment',
      ending_balance: -4000,
      description: 'goodwill',
      metadata: { a: '1' },
    });
    expect(customerNow(h, customer.id)).toMatchObject({ balance: -4000, currency: 'usd' });
    subscribe(h, customer.id, shop(h).pro.id);
    h.call('POST', `/v1/customers/${customer.id}`, { balance: -500 });
    h.go(start + 32 * DAY);
    expect(moves(h, customer.id)).toEqual([
      ['applied_to_invoice', 500, 0],
      ['adjustment', 501, -500],
      ['applied_to_invoice', 2999, -1001],
      ['adjustment', -4000, -4000],
    ]);
    expect(() => h.call('POST', url, { amount: 1, currency: 'eur' })).toThrow('kept in usd');
    const { id } = move as CustomerBalanceTransactionObject;
    expect(h.call('POST', `${url}/${id}`, { description: 'other' })).toMatchObject({ id, description: 'other' });
    expect(() => h.call('GET', `${url}/cbtxn_nobody`)).toThrow('No such');
  });

  it('begins where its customer was created', () => {
    const h = harness(start);
    const { id } = h.call('POST', '/v1/customers', { balance: 250 }) as { id: string };
    expect(moves(h, id)).toEqual([['initial', 250, 250]]);
  });
});
