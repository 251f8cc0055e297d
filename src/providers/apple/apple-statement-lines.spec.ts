import { linesOfHistory } from './apple-statement-lines';
import type { AppleTransaction } from './apple-wire';

const BOUGHT = Date.parse('2026-05-01T10:00:00Z');

const sold = (change: Partial<AppleTransaction> = {}): AppleTransaction => ({
  ...{ transactionId: '2000', originalTransactionId: '1000', productId: 'pro.monthly', webOrderLineItemId: '3000' },
  ...{ purchaseDate: BOUGHT, signedDate: BOUGHT + 1, type: 'Auto-Renewable Subscription', environment: 'Production' },
  ...{ inAppOwnershipType: 'PURCHASED', currency: 'USD', price: 29_000 },
  ...change,
});
const read = (...history: AppleTransaction[]) => {
  const left: string[] = [];
  const lines = linesOfHistory(history, (id) => left.push(id));
  return { lines, left };
};

it('states what was paid, under the transaction, without a fee', () => {
  expect(read(sold()).lines).toEqual([
    {
      ...{ ref: '2000', kind: 'charge', objectRef: '2000', paymentRef: '2000', aggregate: 'apple:1000', status: null },
      ...{ gross: 2_900n, fee: 0n, net: 2_900n, currency: 'USD' },
      ...{ createdAt: new Date(BOUGHT), availableAt: new Date(BOUGHT) },
    },
  ]);
});

it.each<[string, Partial<AppleTransaction>, [string, bigint, string][]]>([
  ['a trial', { price: 0 }, []],
  ['what the family shares', { inAppOwnershipType: 'FAMILY_SHARED' }, []],
  ['what is bought in the sandbox', { environment: 'Sandbox', revocationDate: BOUGHT + 5 }, []],
  ['what is of before there were prices', { price: undefined }, []],
  ['yen', { price: 1_500_000, currency: 'JPY' }, [['charge', 1_500n, 'JPY']]],
  ['dinars', { price: 2_990, currency: 'KWD' }, [['charge', 2_990n, 'KWD']]],
  [
    'a refund',
    { revocationDate: BOUGHT + 5 },
    [
      ['charge', 2_900n, 'USD'],
      ['refund', -2_900n, 'USD'],
    ],
  ],
  [
    'a refund in part',
    { revocationDate: BOUGHT + 5, revocationPercentage: 33_333 },
    [
      ['charge', 2_900n, 'USD'],
      ['refund', -966n, 'USD'],
    ],
  ],
])('%s', (_what, change, movements) => {
  const { lines } = read(sold(change));
  expect(lines.map(({ kind, net, currency }) => [kind, net, currency])).toEqual(movements);
});

it('knows one order by two transactions', () => {
  const twice = read(
    sold({ transactionId: '2001' }),
    sold(),
    sold({ transactionId: '2002', webOrderLineItemId: '3001' }),
  );
  expect(twice.lines.map(({ ref, paymentRef }) => [ref, paymentRef])).toEqual([
    ['2000', '2000'],
    ['2001', '2000'],
    ['2002', '2002'],
  ]);
});

it('leaves out what nobody can read', () => {
  expect(read(sold({ currency: 'ZZZ' }), sold({ transactionId: '2001', webOrderLineItemId: '3001' }))).toMatchObject({
    left: ['2000'],
    lines: [{ ref: '2001' }],
  });
});
