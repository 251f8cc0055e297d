import { appleRefundsCarol, carolBuysInTheAppStore, danBuysOnGooglePlay } from './actions-stores';
import type { Expected } from './picture';
import { BASIC, NOTHING, PRO, type Step } from './story-step';

const PRO_MONTH = 29_00;
const BASIC_MONTH = 9_00;
/** What the stores keep in a first year: Apple 30 %, Google 15 % of the first million. */
const APPLE_SHARE = 8_70;
const GOOGLE_SHARE = 1_35;

interface StoreStep extends Omit<Step, 'expect'> {
  /** How often was paid for a month by then, and how many of Carol's came back. */
  readonly months: { readonly pro: number; readonly basic: number; readonly refunds: number };
  readonly expect: Omit<Expected, 'balances'>;
}

const carol = { state: 'PRO active', access: PRO };
const dan = { state: 'BASIC active', access: BASIC };
const PAID_PRO = ['paid', PRO_MONTH, PRO_MONTH] as const;
const PAID_BASIC = ['paid', BASIC_MONTH, BASIC_MONTH] as const;

const STEPS: readonly StoreStep[] = [
  {
    at: '2027-05-20T10:00:00Z',
    title: 'Carol buys PRO in the App Store',
    who: 'carol',
    act: carolBuysInTheAppStore,
    months: { pro: 1, basic: 0, refunds: 0 },
    expect: {
      ...carol,
      periodEnd: '2027-06-20T10:00:00.000Z',
      accessUntil: '2027-06-23T10:00:00.000Z',
      invoices: [PAID_PRO],
    },
  },
  {
    at: '2027-05-21T10:00:00Z',
    title: 'Dan buys BASIC on Google Play',
    who: 'dan',
    act: danBuysOnGooglePlay,
    months: { pro: 1, basic: 1, refunds: 0 },
    expect: {
      ...dan,
      periodEnd: '2027-06-21T10:00:00.000Z',
      accessUntil: '2027-06-24T10:00:00.000Z',
      invoices: [PAID_BASIC],
    },
  },
  {
    at: '2027-06-20T12:00:00Z',
    title: 'A month later: Apple has renewed',
    who: 'carol',
    months: { pro: 2, basic: 1, refunds: 0 },
    expect: {
      ...carol,
      periodEnd: '2027-07-20T10:00:00.000Z',
      accessUntil: '2027-07-23T10:00:00.000Z',
      invoices: [PAID_PRO, PAID_PRO],
    },
  },
  {
    at: '2027-06-21T12:00:00Z',
    title: 'And so has Google',
    who: 'dan',
    months: { pro: 2, basic: 2, refunds: 0 },
    expect: {
      ...dan,
      periodEnd: '2027-07-21T10:00:00.000Z',
      accessUntil: '2027-07-24T10:00:00.000Z',
      invoices: [PAID_BASIC, PAID_BASIC],
    },
  },
  {
    at: '2027-06-22T09:00:00Z',
    title: "Apple's support refunds Carol: access gone at once",
    who: 'carol',
    act: appleRefundsCarol,
    months: { pro: 2, basic: 2, refunds: 1 },
    expect: {
      ...NOTHING,
      state: 'PRO canceled',
      periodEnd: '2027-07-20T10:00:00.000Z',
      canceledAt: '2027-06-22T09:00:00.000Z',
      invoices: [PAID_PRO, PAID_PRO],
      messages: ['Refund of $29.00', 'Subscription ended'],
    },
  },
];

/** The stores' share of what is refunded comes back; revenue is not recognized within the story. */
function booksAfter(before: Expected['balances'], { pro, basic, refunds }: StoreStep['months']): Expected['balances'] {
  const kept = pro - refunds;
  const moved = {
    'revenue.deferred USD': (before['revenue.deferred USD'] ?? 0) - pro * PRO_MONTH - basic * BASIC_MONTH,
    'apple.clearing USD': kept * (PRO_MONTH - APPLE_SHARE),
    'fees.apple USD': kept * APPLE_SHARE,
    'google.clearing USD': basic * (BASIC_MONTH - GOOGLE_SHARE),
    'fees.google USD': basic * GOOGLE_SHARE,
    'revenue.refunds USD': refunds * PRO_MONTH,
  };
  // Accounts that stand at zero are not looked at.
  return Object.fromEntries(Object.entries({ ...before, ...moved }).filter(([, amount]) => amount !== 0));
}

/** Two customers who buy on their phones. @param before the books until then. */
export function storeSteps(before: Expected['balances']): readonly Step[] {
  return STEPS.map(({ months, expect, ...step }) => ({
    ...step,
    expect: { ...expect, balances: booksAfter(before, months) },
  }));
}
