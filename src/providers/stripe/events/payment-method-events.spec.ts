import type Stripe from 'stripe';
import { isAppError } from '../../../shared/app-error';
import { snapshotOf } from '../stripe-snapshots';
import { translateStripeEvent } from '../stripe-translator';
import { STRIPE_API_VERSION } from '../stripe-version';

const T = 1_780_000_000;
const AT = new Date(T * 1000);
const CARD = {
  id: 'pm_1',
  object: 'payment_method',
  customer: 'cus_1',
  type: 'card',
  card: { brand: 'visa', last4: '4242', exp_month: 3, exp_year: 2026, country: 'US', fingerprint: 'fp4242' },
  created: T,
};
const CUSTOMER = { id: 'cus_1', object: 'customer', invoice_settings: { default_payment_method: 'pm_1' } };
const NO_DEFAULT = { invoice_settings: { default_payment_method: null } };
const FACE = { brand: null, last4: null, expMonth: null, expYear: null, country: null, bankName: null };

function translated(
  type: string,
  object: object,
  former?: object,
  version = STRIPE_API_VERSION,
): ReturnType<typeof translateStripeEvent> {
  const data = { object, ...(former && { previous_attributes: former }) };
  const event = { id: 'evt_1', type, created: T, api_version: version, data };
  return translateStripeEvent(event as unknown as Stripe.Event);
}

describe('events of payment methods', () => {
  it.each([
    ['payment_method.attached', 'payment_method.attached'],
    ['payment_method.updated', 'payment_method.changed'],
    ['payment_method.automatically_updated', 'payment_method.changed'],
  ])('%s', (type, kind) => {
    const payload = { ...FACE, customerRef: 'cus_1', type: 'card', brand: 'visa', last4: '4242', country: 'US' };
    expect(translated(type, CARD)).toEqual({
      kind: 'facts',
      aggregate: 'stripe:cus_1',
      facts: [
        {
          ...{ provider: 'stripe', objectType: 'payment_method', objectId: 'pm_1', kind, aggregate: 'stripe:cus_1' },
          ...{ occurredAt: AT, sourceId: 'evt_1', before: null },
          // And nothing that tells one card from another.
          payload: { ...payload, expMonth: 3, expYear: 2026, createdAt: AT.toISOString() },
        },
      ],
    });
  });

  it('a renewed card says what it was', () => {
    const renewed = { ...CARD, card: { ...CARD.card, exp_year: 2030 } };
    expect(translated('payment_method.automatically_updated', renewed, { card: { exp_year: 2026 } })).toMatchObject({
      facts: [{ payload: { expYear: 2030 }, before: { expYear: 2026, expMonth: 3, last4: '4242' } }],
    });
  });

  it('a detached one is whose it was, else whose it was told to be', () => {
    const gone = { ...CARD, customer: null };
    expect(translated('payment_method.detached', gone, { customer: 'cus_1' })).toMatchObject({
      aggregate: 'stripe:cus_1',
      facts: [{ kind: 'payment_method.detached', payload: { customerRef: null }, before: { customerRef: 'cus_1' } }],
    });
    expect(translated('payment_method.detached', gone)).toMatchObject({
      kind: 'unplaced',
      via: { objectType: 'payment_method', objectId: 'pm_1' },
    });
  });

  it.each<[string, object, object]>([
    [
      'us_bank_account',
      { us_bank_account: { bank_name: 'TEST BANK', last4: '6789' } },
      { bankName: 'TEST BANK', last4: '6789' },
    ],
    ['sepa_debit', { sepa_debit: { last4: '3000', country: 'DE' } }, { last4: '3000', country: 'DE' }],
    ['link', { link: { email: 'somebody@test.example' } }, {}],
  ])('%s', (type, details, face) => {
    const { card: _card, ...method } = CARD;
    expect(translated('payment_method.attached', { ...method, type, ...details })).toMatchObject({
      facts: [{ payload: { ...FACE, ...face, type, customerRef: 'cus_1', createdAt: AT.toISOString() } }],
    });
  });

  it.each([
    ['month', { exp_month: 13 }],
    ['month that is none', { exp_month: null }],
    ['year', { exp_year: 26 }],
  ])('refuses an absurd %s', (_what, change) => {
    const absurd = (): unknown => translated('payment_method.attached', { ...CARD, card: { ...CARD.card, ...change } });
    expect(absurd).toThrow(expect.objectContaining({ code: 'SCHEMA_VALIDATION' }) as Error);
  });

  it('never takes more of a number than its end', () => {
    const whole = { ...CARD, card: { ...CARD.card, last4: '4242424242424242' } };
    expect(translated('payment_method.attached', whole)).toMatchObject({ facts: [{ payload: { last4: '4242' } }] });
  });

  it('reads it where it came in another version', () => {
    expect(translated('payment_method.attached', CARD, undefined, '2019-01-01')).toEqual({
      ...{ kind: 'read', objectType: 'payment_method', objectId: 'pm_1' },
    });
    // Detached, it is nobody's, and nothing of ours to read.
    const gone = { ...CARD, customer: null };
    expect(translated('payment_method.detached', gone, { customer: 'cus_1' }, '2019-01-01').kind).toBe('ignored');
  });
});

describe('events of customers', () => {
  it('tell what is charged, where that changes', () => {
    expect(translated('customer.updated', CUSTOMER, NO_DEFAULT)).toMatchObject({
      aggregate: 'stripe:cus_1',
      facts: [
        {
          ...{ objectType: 'customer', objectId: 'cus_1', kind: 'customer.changed' },
          payload: { status: 'active', defaultMethodRef: 'pm_1' },
          before: { status: 'active', defaultMethodRef: null },
        },
      ],
    });
    expect(translated('customer.created', CUSTOMER)).toMatchObject({ facts: [{ kind: 'customer.created' }] });
    expect(translated('customer.deleted', CUSTOMER)).toMatchObject({
      facts: [{ kind: 'customer.deleted', payload: { status: 'deleted', defaultMethodRef: null } }],
    });
  });

  it.each<[string, string, object, object | undefined]>([
    ['a balance', 'customer.updated', CUSTOMER, { balance: 0 }],
    ['a footer', 'customer.updated', CUSTOMER, { invoice_settings: { footer: null } }],
    ['an absurd change', 'customer.updated', CUSTOMER, { invoice_settings: 'x' }],
    ['a new one without a method', 'customer.created', { ...CUSTOMER, ...NO_DEFAULT }, undefined],
  ])('are ignored where they tell of %s', (_what, type, object, former) => {
    expect(translated(type, object, former).kind).toBe('ignored');
  });

  it('that cannot be read are refused', () => {
    const read = (): unknown => translated('customer.created', { id: 'cus_1', object: 'customer' });
    try {
      read();
      throw new Error('was read');
    } catch (error) {
      expect(isAppError(error) && error.kind).toBe('validation');
    }
  });
});

describe('readings', () => {
  const reading = { answeredAt: AT, sourceId: 'read:evt_1' };
  it('of a customer, and of the stub that stands for one', () => {
    const read = (object: object) => snapshotOf({ objectType: 'customer', object: object as Stripe.Customer }, reading);
    expect(read(CUSTOMER)?.facts).toMatchObject([{ payload: { status: 'active', defaultMethodRef: 'pm_1' } }]);
    const stub = { id: 'cus_1', object: 'customer', deleted: true };
    expect(read(stub)?.facts).toMatchObject([{ payload: { status: 'deleted', defaultMethodRef: null } }]);
  });

  it('of a detached method belong to whom the caller says', () => {
    const read = { objectType: 'payment_method', object: { ...CARD, customer: null } as never } as const;
    expect(snapshotOf(read, reading)).toBeNull();
    expect(snapshotOf(read, reading, 'cus_1')).toMatchObject({
      aggregate: 'stripe:cus_1',
      facts: [{ payload: { customerRef: null } }],
    });
  });
});
