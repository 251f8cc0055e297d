import type { GoogleOrder } from './google-client';
import { orderFacts } from './google-facts';
import { linesOfOrders } from './google-statement-lines';

const BOUGHT = '2026-05-01T10:00:00.000Z';
const LATER = '2026-05-03T10:00:00.000Z';
const usd = (units: string) => ({ currencyCode: 'USD', units });

const sold = (change: Partial<GoogleOrder> = {}): GoogleOrder => ({
  ...{ orderId: 'GPA.1', purchaseToken: 'token', state: 'PROCESSED', total: usd('29') },
  ...{ createTime: BOUGHT, orderHistory: { processedEvent: { eventTime: BOUGHT } } },
  lineItems: [
    {
      productId: 'pro',
      subscriptionDetails: { basePlanId: 'monthly', servicePeriodStartTime: BOUGHT, servicePeriodEndTime: LATER },
    },
  ],
  ...change,
});
const read = (...orders: GoogleOrder[]) => {
  const left: string[] = [];
  const lines = linesOfOrders(orders, 'google:token', (id) => left.push(id));
  return { lines, left };
};
const part = (createTime: string, units: string) => ({
  ...{ createTime, processTime: LATER, refundDetails: { total: usd(units) } },
});

it('states what was paid, under the order, without a fee', () => {
  expect(read(sold()).lines).toEqual([
    {
      ...{ ref: 'GPA.1', kind: 'charge', objectRef: 'GPA.1', paymentRef: 'GPA.1', aggregate: 'google:token' },
      ...{ status: null, gross: 2_900n, fee: 0n, net: 2_900n, currency: 'USD' },
      ...{ createdAt: new Date(BOUGHT), availableAt: new Date(BOUGHT) },
    },
  ]);
});

it.each<[string, Partial<GoogleOrder>, [string, bigint][]]>([
  ['a trial', { total: { currencyCode: 'USD' } }, []],
  ['what is not paid yet', { state: 'PENDING' }, []],
  ['what was never paid', { state: 'CANCELED' }, []],
  ['yen', { total: { currencyCode: 'JPY', units: '1500' } }, [['charge', 1_500n]]],
  ['dinars', { total: { currencyCode: 'KWD', units: '2', nanos: 990_000_000 } }, [['charge', 2_990n]]],
  [
    'a refund of all',
    { orderHistory: { refundEvent: { eventTime: LATER } } },
    [
      ['charge', 2_900n],
      ['refund', -2_900n],
    ],
  ],
  [
    'a refund in part, and one that is not done yet',
    { orderHistory: { partialRefundEvents: [part(LATER, '9'), { createTime: LATER }] } },
    [
      ['charge', 2_900n],
      ['refund', -900n],
    ],
  ],
  [
    'parts, and then the rest, of which Google may tell as of all',
    {
      orderHistory: {
        partialRefundEvents: [part(BOUGHT, '9'), part(LATER, '10')],
        refundEvent: { eventTime: LATER, refundDetails: { total: usd('29') } },
      },
    },
    [
      ['charge', 2_900n],
      ['refund', -900n],
      ['refund', -1_000n],
      ['refund', -1_000n],
    ],
  ],
])('%s, under the ids and at the times of the facts', (_what, change, movements) => {
  const order = sold(change);
  const { lines } = read(order);
  expect(lines.map(({ kind, net }) => [kind, net])).toEqual(movements);
  const of = { root: 'token', ownerId: null, renews: true, replaces: false, test: false, returned: 0 };
  const money = orderFacts(order, of, { occurredAt: new Date(LATER), sourceId: 'evt' }).slice(1);
  expect(lines.map(({ objectRef }) => objectRef)).toEqual(money.map(({ objectId }) => objectId));
  expect(new Set(lines.map(({ ref }) => ref)).size).toBe(lines.length);
});

it('knows one period that was charged twice, and no more', () => {
  const next = [{ subscriptionDetails: { basePlanId: 'monthly', servicePeriodStartTime: LATER } }];
  const { lines } = read(
    sold({ orderId: 'GPA.1..0', orderHistory: { processedEvent: { eventTime: LATER } } }),
    sold(),
    sold({ orderId: 'GPA.1..1', lineItems: next }),
    sold({ orderId: 'GPA.2', purchaseToken: 'other' }),
    sold({ orderId: 'GPA.3', lineItems: [{ productId: 'lifetime' }] }),
  );
  expect(new Map(lines.map(({ ref, paymentRef }) => [ref, paymentRef]))).toEqual(
    new Map([
      ['GPA.1', 'GPA.1'],
      ['GPA.1..0', 'GPA.1'],
      ['GPA.1..1', 'GPA.1..1'],
      ['GPA.2', 'GPA.2'],
      ['GPA.3', 'GPA.3'],
    ]),
  );
});

it('leaves out what nobody can read', () => {
  const odd = sold({ orderId: 'GPA.9', total: { currencyCode: 'ZZZ', units: '1' } });
  expect(read(odd, sold({ orderId: 'GPA.8', createTime: 'soon', orderHistory: {} }), sold())).toMatchObject({
    left: ['GPA.9', 'GPA.8'],
    lines: [{ ref: 'GPA.1' }],
  });
});
