import fc from 'fast-check';
import { ACCOUNTS } from '../../domain/accounts';
import { beancountAccount, beancountText, BeancountWriter } from './beancount';
import type { ExportedTransaction } from './exported';

const transaction = (
  entries: [account: string, type: string, amount: string, currency: string][],
): ExportedTransaction => ({
  ...{ id: 'jtx_1', seq: '1', ts: new Date('2026-03-31T23:59:59.999Z'), recordedAt: new Date(0), type: 'invoice.paid' },
  ...{ provider: 'stripe', refId: 'inv_1', customerId: null, idempotencyKey: 'stripe:in_1:paid', reversesId: null },
  ...{ meta: '{"a": "b"}' },
  entries: entries.map(([account, type, amount, currency]) => ({ account, type, amount, currency })),
});

describe('accounts', () => {
  it.each([
    ['stripe.clearing', 'asset', 'Assets:Stripe:Clearing'],
    ['bad_debt.expense', 'expense', 'Expenses:Bad-debt:Expense'],
    ['payouts.wise.reserved', 'asset', 'Assets:Payouts:Wise:Reserved'],
  ] as const)('%s, %s: %s', (code, type, name) => {
    expect(beancountAccount(code, type)).toBe(name);
  });

  it('have names that the language takes, each its own', () => {
    const names = Object.entries(ACCOUNTS).map(([code, { type }]) => beancountAccount(code, type));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Za-z]+(:[A-Z0-9][A-Za-z0-9-]*)+$/);
  });
});

describe('text', () => {
  it('stays on its line and in its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(beancountText(text)).toMatch(/^"(?:[^"\\\r\n]|\\["\\nrt])*"$/);
      }),
    );
  });
});

describe('the writer', () => {
  it('writes amounts with the decimals of their currencies, and what every account stands at in the end', () => {
    const writer = new BeancountWriter();
    writer.head([], null);
    const text = writer.transaction(
      transaction([
        ['stripe.clearing', 'asset', '1234', 'USD'],
        ['customer.receivable', 'asset', '-1234', 'USD'],
        ['stripe.clearing', 'asset', '1234', 'JPY'],
        ['fx.clearing', 'asset', '-1234', 'JPY'],
        ['stripe.clearing', 'asset', '-5', 'KWD'],
        ['fx.clearing', 'asset', '5', 'KWD'],
      ]),
    );
    expect(text).toBe(`
2026-03-31 * "invoice.paid"
  id: "jtx_1"
  ts: "2026-03-31T23:59:59.999Z"
  provider: "stripe"
  ref: "inv_1"
  key: "stripe:in_1:paid"
  meta: "{\\"a\\": \\"b\\"}"
  Assets:Stripe:Clearing  12.34 USD
  Assets:Customer:Receivable  -12.34 USD
  Assets:Stripe:Clearing  1234 JPY
  Assets:Fx:Clearing  -1234 JPY
  Assets:Stripe:Clearing  -0.005 KWD
  Assets:Fx:Clearing  0.005 KWD
`);
    expect(writer.foot()).toContain('2026-04-01 balance Assets:Stripe:Clearing  12.34 USD\n');
    expect(writer.foot()).toContain('2026-04-01 balance Assets:Stripe:Clearing  1234 JPY\n');
  });

  it('begins a period with what stood there before it', () => {
    const writer = new BeancountWriter();
    const opening = [
      { account: 'stripe.clearing', type: 'asset', currency: 'USD', balance: '100' },
      { account: 'revenue.subscription', type: 'income', currency: 'USD', balance: '-100' },
    ];
    expect(writer.head(opening, new Date('2026-02-01'))).toContain(
      '\n2026-02-01 * "Opening balances"\n  Assets:Stripe:Clearing  1.00 USD\n  Income:Revenue:Subscription  -1.00 USD\n',
    );
    writer.transaction(transaction([['stripe.clearing', 'asset', '1', 'USD']]));
    expect(writer.foot()).toContain('2026-04-01 balance Assets:Stripe:Clearing  1.01 USD\n');
  });
});
