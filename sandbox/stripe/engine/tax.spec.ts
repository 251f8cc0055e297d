import { customerWith, harness, shop } from './harness';

describe('where a customer is taxed', () => {
  it.each([
    [{ country: 'DE' }, 'supported'],
    [{ country: 'US', state: 'NY' }, 'supported'],
    [{ country: 'US', postal_code: '97201' }, 'not_collecting'],
    [{ country: 'BR' }, 'not_collecting'],
    [{ country: 'US' }, 'unrecognized_location'],
    [{ country: 'CA', city: 'Toronto' }, 'unrecognized_location'],
    [{ country: 'Germany' }, 'unrecognized_location'],
    [{ city: 'Berlin' }, 'unrecognized_location'],
    ['', 'unrecognized_location'],
  ])('%j: %s', (address, expected) => {
    const h = harness();
    const { customer } = customerWith(h);
    const path = `/v1/customers/${customer.id}`;
    h.call('POST', path, { address });
    expect(h.engine.store.expandable(customer.id, 'tax')).toMatchObject({ automatic_tax: expected });
    const before = h.call('GET', path);
    const validate = () => h.call('POST', path, { name: 'Ada', address, tax: { validate_location: 'immediately' } });
    if (expected !== 'unrecognized_location') expect(validate()).toMatchObject({ name: 'Ada' });
    else {
      expect(validate).toThrow("The customer's location isn't recognized");
      expect(h.call('GET', path)).toEqual(before);
    }
  });
});

describe('terms of tax', () => {
  it('of a price are said once', () => {
    const h = harness();
    const path = `/v1/prices/${shop(h).pro.id}`;
    expect(h.call('POST', path, { tax_behavior: 'inclusive' })).toMatchObject({ tax_behavior: 'inclusive' });
    expect(h.call('POST', path, { tax_behavior: 'inclusive', nickname: 'x' })).toMatchObject({ nickname: 'x' });
    expect(() => h.call('POST', path, { tax_behavior: 'exclusive' })).toThrow('cannot be changed');
  });

  it('of a checkout keep the name that a tax id belongs to', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h);
    const open = (more: object) =>
      h.call('POST', '/v1/checkout/sessions', {
        mode: 'subscription',
        customer: customer.id,
        line_items: [{ price: pro.id }],
        success_url: 'https://shop.test/ok',
        tax_id_collection: { enabled: true },
        ...more,
      });
    expect(() => open({})).toThrow('requires updating business name');
    expect(open({ customer_update: { name: 'auto' } })).toMatchObject({ status: 'open' });
  });
});
