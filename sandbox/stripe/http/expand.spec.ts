import { expand, type ExpandSource } from './expand';

const customer = { id: 'cus_1', object: 'customer', invoice_settings: { default_payment_method: 'pm_1' } };
const method = { id: 'pm_1', object: 'payment_method' };
const invoice = { id: 'in_1', object: 'invoice', customer: 'cus_1', total: 5, charge: null };
const subscription = {
  id: 'sub_1',
  object: 'subscription',
  customer: 'cus_1',
  latest_invoice: 'in_1',
  status: 'active',
};
const objects = new Map<string, object>([customer, method, invoice, subscription].map((o) => [o.id, o]));
const payments = { object: 'list', data: [{ id: 'inpay_1', payment: { payment_intent: 'pm_1' } }] };
const source: ExpandSource = {
  get: (id) => objects.get(id),
  expandable: (id, field) => (id === 'in_1' && field === 'payments' ? payments : undefined),
};

describe('expand', () => {
  it('replaces ids along nested paths and leaves the store alone', () => {
    const answer = expand(subscription, ['latest_invoice.customer.invoice_settings.default_payment_method'], source);
    expect(answer).toMatchObject({
      customer: 'cus_1',
      latest_invoice: { id: 'in_1', customer: { id: 'cus_1', invoice_settings: { default_payment_method: method } } },
    });
    expect(subscription.latest_invoice).toBe('in_1');
    expect(invoice.customer).toBe('cus_1');
    expect(customer.invoice_settings.default_payment_method).toBe('pm_1');
  });

  it('goes through lists, several paths and what exists only when asked for', () => {
    const list = { object: 'list', data: [subscription], has_more: false, url: '/v1/subscriptions' };
    const answer = expand(list, ['data.customer', 'data.latest_invoice.payments'], source);
    expect(answer).toMatchObject({ data: [{ customer, latest_invoice: { id: 'in_1', payments } }] });
    expect(expand(invoice, ['payments.data.payment.payment_intent'], source)).toMatchObject({
      payments: { data: [{ payment: { payment_intent: method } }] },
    });
    expect(payments.data[0]?.payment.payment_intent).toBe('pm_1');
  });

  it('leaves null as it is', () => {
    expect(expand(invoice, ['charge'], source)).toEqual(invoice);
    expect(expand(invoice, ['confirmation_secret'], source)).toMatchObject({ confirmation_secret: null });
  });

  it.each([
    [subscription, 'status', 'cannot be expanded (status)'],
    [subscription, 'nothing', 'cannot be expanded (nothing)'],
    [{ object: 'list', data: [] }, 'customer', "expanding 'data.customer' instead"],
    [subscription, 'a.b.c.d.e', 'more than 4 levels'],
  ])('refuses a path that leads nowhere', (answer, path, message) => {
    expect(() => expand(answer, [path], source)).toThrow(message);
  });
});
