import { brokenBalances, causeKeyOf, lasting, SETTLING_MS, type FirstSeen, type Violation } from './violation';

const balance = (account: string, amount: bigint, currency = 'USD') => ({
  account,
  type: '',
  currency,
  balance: amount,
});
const broken = (invariant: Violation['invariant'], subject = 'USD'): Violation => ({ invariant, subject, message: '' });
const NOON = new Date('2026-03-01T12:00:00Z');
const later = (ms: number): Date => new Date(NOON.getTime() + ms);

describe('balances', () => {
  it.each<[string, ReturnType<typeof balance>[], string[]]>([
    ['nothing posted', [], []],
    ['at zero', [balance('stripe.clearing', 5n), balance('revenue.deferred', -5n)], []],
    ['off by a cent', [balance('stripe.clearing', 6n), balance('revenue.deferred', -5n)], ['trial_balance:USD']],
    [
      'at zero only across currencies',
      [balance('stripe.clearing', 5n), balance('revenue.deferred', -5n, 'EUR')],
      ['trial_balance:USD', 'trial_balance:EUR'],
    ],
    [
      'a liability to debit, and an asset to credit',
      [balance('tax.payable', 3n), balance('customer.receivable', -3n)],
      ['account_side:tax.payable USD', 'account_side:customer.receivable USD'],
    ],
    ['clearing to credit', [balance('stripe.clearing', -3n), balance('customer.credit', 3n)], []],
  ])('%s', (_name, balances, causes) => {
    expect(brokenBalances(balances).map(causeKeyOf)).toEqual(causes.map((cause) => `ledger.invariant:${cause}`));
  });
});

describe('what lasts', () => {
  const look = (violations: Violation[], seen: FirstSeen, at: Date) => {
    const result = lasting(violations, seen, at);
    return { ...result, alarms: result.alarms.map(({ invariant }) => invariant) };
  };

  it('is an alarm at once where no fact can still mend it', () => {
    expect(look([broken('trial_balance'), broken('paid_once', 'inv_1')], {}, NOON)).toEqual({
      alarms: ['trial_balance', 'paid_once'],
      seen: {},
    });
  });

  it('is an alarm after half an hour where the next fact may mend it, and not after a pause', () => {
    const held = broken('held');
    const first = look([held], {}, NOON);
    expect(first.alarms).toEqual([]);
    expect(look([held], first.seen, later(SETTLING_MS - 1)).alarms).toEqual([]);
    expect(look([held], first.seen, later(SETTLING_MS)).alarms).toEqual(['held']);
    const mended = look([], first.seen, later(1));
    expect(look([held], mended.seen, later(SETTLING_MS)).alarms).toEqual([]);
  });
});
