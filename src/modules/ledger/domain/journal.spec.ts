import fc from 'fast-check';
import { Currency } from '../../../shared/currency';
import { ACCOUNTS, AccountCode } from './accounts';
import { JournalDraft, assertBalanced, contentOf, draftOf, postingKey, reversalOf, sumByCurrency } from './journal';

const at = new Date('2026-01-15T10:00:00Z');
const later = new Date('2026-01-16T10:00:00Z');
const refused = (code: string): Error => expect.objectContaining({ kind: 'unexpected', code }) as Error;

const draft = (entries: [AccountCode, bigint, Currency][]): JournalDraft<'invoice.paid'> => ({
  type: 'invoice.paid',
  idempotencyKey: 'stripe:in_1:paid',
  refId: 'inv_1',
  provider: 'stripe',
  occurredAt: at,
  customerId: 'cust_1',
  meta: { note: 'x' },
  entries: entries.map(([account, amount, currency]) => ({ account, amount, currency })),
});

const codes = Object.keys(ACCOUNTS) as AccountCode[];
const lines = fc.array(
  fc.tuple(
    fc.constantFrom(...codes),
    fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).filter((amount) => amount !== 0n),
    fc.constantFrom<Currency>('EUR', 'USD', 'JPY'),
  ),
  { minLength: 1, maxLength: 12 },
);
/** Any lines, closed by one per currency where they do not add up yet. */
const balanced = lines.map((some) => {
  const open = draft(some);
  const closing = [...sumByCurrency(open.entries)]
    .filter(([, sum]) => sum !== 0n)
    .map(([currency, sum]): [AccountCode, bigint, Currency] => ['bank.clearing', -sum, currency]);
  return draft([...some, ...closing]);
});

describe('postingKey', () => {
  it('is provider, object, kind and, where it can happen again, occurrence', () => {
    expect(postingKey('stripe', 'in_1', 'paid')).toBe('stripe:in_1:paid');
    expect(postingKey('stripe', 'ch_1', 'refunded', 'txn_9')).toBe('stripe:ch_1:refunded:txn_9');
  });
});

describe('balance', () => {
  it.each<[string, [AccountCode, bigint, Currency][], string]>([
    ['one-sided', [['bank.clearing', 1n, 'EUR']], 'JOURNAL_UNBALANCED'],
    [
      'across currencies',
      [
        ['bank.clearing', 1n, 'EUR'],
        ['fees.stripe', -1n, 'USD'],
      ],
      'JOURNAL_UNBALANCED',
    ],
    ['empty', [], 'JOURNAL_INVALID'],
    ['with a zero entry', [['bank.clearing', 0n, 'EUR']], 'JOURNAL_INVALID'],
  ])('refuses what is %s', (_name, entries, code) => {
    expect(() => {
      assertBalanced(draft(entries));
    }).toThrow(refused(code));
  });

  it('accepts what sums to zero per currency and refuses it one unit off', () => {
    fc.assert(
      fc.property(balanced, (each) => {
        assertBalanced(each);
        const [first, ...rest] = each.entries;
        const off = { ...first!, amount: first!.amount + (first!.amount === -1n ? 2n : 1n) };
        expect(() => {
          assertBalanced({ ...each, entries: [off, ...rest] });
        }).toThrow(refused('JOURNAL_UNBALANCED'));
      }),
    );
  });

  it('leaves out zero entries, and is null when nothing is left', () => {
    const some = draftOf(
      draft([
        ['bank.clearing', 5n, 'EUR'],
        ['fees.stripe', 0n, 'EUR'],
        ['tax.payable', -5n, 'EUR'],
      ]),
    );
    expect(some?.entries.map((entry) => entry.account)).toEqual(['bank.clearing', 'tax.payable']);
    expect(draftOf(draft([['bank.clearing', 0n, 'EUR']]))).toBeNull();
    expect(draftOf(draft([]))).toBeNull();
    expect(() => draftOf(draft([['bank.clearing', 5n, 'EUR']]))).toThrow(refused('JOURNAL_UNBALANCED'));
  });
});

describe('reversal', () => {
  it('cancels exactly, account by account, and points at its original', () => {
    fc.assert(
      fc.property(balanced, (each) => {
        const reversal = reversalOf(each, later);
        assertBalanced(reversal);
        const perAccount = new Map<string, bigint>();
        for (const entry of [...each.entries, ...reversal.entries]) {
          const key = `${entry.account} ${entry.currency}`;
          perAccount.set(key, (perAccount.get(key) ?? 0n) + entry.amount);
        }
        expect([...perAccount.values()].every((sum) => sum === 0n)).toBe(true);
      }),
    );
    expect(reversalOf(draft([['bank.clearing', 1n, 'EUR']]), later)).toMatchObject({
      type: 'invoice.paid.reversed',
      idempotencyKey: 'stripe:in_1:paid:reversal',
      refId: 'inv_1',
      occurredAt: later,
      meta: { note: 'x', reverses: 'stripe:in_1:paid' },
    });
  });
});

describe('contentOf', () => {
  it('does not depend on the order of entries, the time, the customer or the meta', () => {
    fc.assert(
      fc.property(balanced, fc.integer(), (each, turn) => {
        const by = Math.abs(turn) % each.entries.length;
        const entries = [...each.entries.slice(by), ...each.entries.slice(0, by)];
        const other = { ...each, entries, occurredAt: later, customerId: null, meta: {} };
        expect(contentOf(other)).toBe(contentOf(each));
      }),
    );
  });

  it('tells other money, accounts, types and references apart', () => {
    const one = draft([
      ['bank.clearing', 5n, 'EUR'],
      ['tax.payable', -5n, 'EUR'],
    ]);
    const others: Parameters<typeof contentOf>[0][] = [
      draft([
        ['bank.clearing', 6n, 'EUR'],
        ['tax.payable', -6n, 'EUR'],
      ]),
      draft([
        ['bank.clearing', 5n, 'USD'],
        ['tax.payable', -5n, 'USD'],
      ]),
      draft([
        ['stripe.clearing', 5n, 'EUR'],
        ['tax.payable', -5n, 'EUR'],
      ]),
      { ...one, refId: 'inv_2' },
      { ...one, type: 'invoice.voided' },
    ];
    for (const other of others) expect(contentOf(other)).not.toBe(contentOf(one));
  });
});
