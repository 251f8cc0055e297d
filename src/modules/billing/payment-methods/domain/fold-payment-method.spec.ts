import fc from 'fast-check';
import type { CustomerFact, PaymentMethodFact, PaymentMethodPayload, Stored } from '../../../../shared/facts';
import { changeOf, foldPaymentMethod } from './fold-payment-method';
import { foldProviderCustomer } from './fold-provider-customer';

const T0 = Date.parse('2026-01-15T10:00:00Z');
const CARD: PaymentMethodPayload = {
  customerRef: 'cus_1',
  type: 'card',
  brand: 'visa',
  last4: '4242',
  expMonth: 3,
  expYear: 2026,
  country: 'US',
  bankName: null,
  createdAt: new Date(T0).toISOString(),
};
const RENEWED = { ...CARD, expYear: 2030 };
const GONE = { ...RENEWED, customerRef: null };

let told = 0;
const fact = (
  kind: PaymentMethodFact['kind'],
  second: number,
  payload: PaymentMethodPayload,
  before: PaymentMethodPayload | null = null,
): Stored<PaymentMethodFact> => {
  told += 1;
  return {
    ...{ provider: 'stripe', objectType: 'payment_method', objectId: 'pm_1', kind, aggregate: 'stripe:cus_1' },
    ...{ occurredAt: new Date(T0 + second * 1000), sourceId: `evt_${String(told)}`, payload, before },
    ...{ id: `fact_${String(told)}`, seq: BigInt(told) },
  };
};
const LIFE = [
  fact('payment_method.attached', 0, CARD),
  fact('payment_method.changed', 50, RENEWED, CARD),
  fact('payment_method.detached', 90, GONE, RENEWED),
];

describe('foldPaymentMethod', () => {
  it('is the last that was told', () => {
    expect([1, 2, 3].map((n) => foldPaymentMethod(LIFE.slice(0, n))?.payload)).toEqual([CARD, RENEWED, GONE]);
    expect(foldPaymentMethod([])).toBeNull();
  });

  it('is detached for good, whatever the same second tells besides, in any order', () => {
    const second = [
      fact('payment_method.detached', 0, GONE, RENEWED),
      fact('payment_method.changed', 0, RENEWED, CARD),
      fact('payment_method.attached', 0, CARD),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(second, { minLength: 3 }), (facts) => {
        expect(foldPaymentMethod(facts)).toMatchObject({ payload: GONE, undecided: false });
      }),
    );
  });

  it('follows the chain of changes within a second, and asks where there is none', () => {
    const first = fact('payment_method.changed', 5, RENEWED, CARD);
    const then = fact('payment_method.changed', 5, { ...RENEWED, last4: '1881' }, RENEWED);
    expect(foldPaymentMethod([then, first])).toMatchObject({ payload: { last4: '1881' }, undecided: false });
    const unchained = [then, first].map((one) => ({ ...one, before: null }));
    expect(foldPaymentMethod(unchained)?.undecided).toBe(true);
  });

  it('is the same for any order and any repetition', () => {
    const echo = { ...LIFE[1]!, kind: 'payment_method.snapshot' as const, sourceId: 'answer:req_1', before: null };
    const all = [...LIFE, echo];
    const whole = foldPaymentMethod(all);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (facts) => {
        expect(foldPaymentMethod(facts)).toEqual(whole);
      }),
    );
  });
});

describe('changeOf', () => {
  const [attached, changed, detached] = LIFE as [
    Stored<PaymentMethodFact>,
    Stored<PaymentMethodFact>,
    Stored<PaymentMethodFact>,
  ];
  const echo = fact('payment_method.snapshot', 91, GONE);

  it.each<[string, Stored<PaymentMethodFact>[], Stored<PaymentMethodFact>[], string | null]>([
    ['the first word of it', [attached], [attached], 'attached'],
    ['the first word, and it is changed already', [attached, changed], [attached, changed], 'attached'],
    ['a change', [attached, changed], [changed], 'changed'],
    ['the first word comes late', [attached, changed], [attached], null],
    ['a reading that says the same', [attached, { ...attached, id: 'x', sourceId: 'read:x' }], [attached], null],
    ['the end', LIFE, [detached], 'detached'],
    ['all at once', LIFE, LIFE, 'detached'],
    ['an echo of the end', [...LIFE, echo], [echo], null],
    ['a change that comes after the end', LIFE, [changed], null],
    ['nothing new', LIFE, [], null],
  ])('%s', (_name, facts, fresh, change) => {
    expect(changeOf(facts, fresh)).toBe(change);
  });

  it('is told once for each state that is come to, however the facts arrive', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(LIFE, { minLength: 3 }), (arriving) => {
        const changes = arriving.map((one, n) => changeOf(arriving.slice(0, n + 1), [one]));
        expect(changes.filter((change) => change === 'detached')).toHaveLength(1);
        expect(changes.filter((change) => change === 'attached').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('foldProviderCustomer', () => {
  const customer = (kind: CustomerFact['kind'], second: number, methodRef: string | null): Stored<CustomerFact> => ({
    ...fact('payment_method.changed', second, CARD),
    ...{ objectType: 'customer', objectId: 'cus_1', kind, before: null },
    payload: { status: kind === 'customer.deleted' ? 'deleted' : 'active', defaultMethodRef: methodRef },
  });

  it('is charged to what was named last, and to nothing when he is deleted, in any order', () => {
    const life = [
      customer('customer.created', 0, 'pm_1'),
      customer('customer.changed', 0, 'pm_2'),
      customer('customer.changed', 7, null),
      customer('customer.changed', 9, 'pm_3'),
    ];
    const deleted = customer('customer.deleted', 9, null);
    fc.assert(
      fc.property(fc.shuffledSubarray(life, { minLength: 4 }), (facts) => {
        expect(foldProviderCustomer(facts)?.payload).toEqual({ status: 'active', defaultMethodRef: 'pm_3' });
        const end = { status: 'deleted', defaultMethodRef: null };
        expect(foldProviderCustomer([deleted, ...facts])?.payload).toEqual(end);
      }),
    );
  });
});
