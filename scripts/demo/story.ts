import {
  adaCancels,
  adaChecksOut,
  adaDowngrades,
  adaMendsHerCard,
  bobSubscribes,
  cardsTurnBad,
  seePlans,
} from './actions';
import type { Expected } from './picture';
import { payoutSteps } from './story-payouts';
import { storeSteps } from './story-stores';
import { BASIC, NOTHING, PRO, type Step } from './story-step';

/** Bob's year, paid on the first day: 90.00. It stays deferred for the whole story. */
const BOB = 90_00;
/** A month of Ada's PRO. */
const MONTH = 29_00;
/** What Stripe keeps of a payment: 2.9 % and 30 cents. */
const feeOf = (amount: number): number => Math.round(amount * 0.029) + 30;
const books = (paid: readonly number[], deferred: number, rest: Expected['balances'] = {}): Expected['balances'] => {
  const [collected, fees] = [paid, paid.map(feeOf)].map((amounts) => amounts.reduce((sum, amount) => sum + amount, 0));
  return {
    'stripe.clearing USD': (collected ?? 0) - (fees ?? 0),
    'fees.stripe USD': fees ?? 0,
    'revenue.deferred USD': deferred,
    ...rest,
  };
};

/** Her trial begins on 4 January at 10:00; periods end at that hour, and Stripe finalizes an invoice an hour later. */
const trial = { trialEnd: '2027-01-18T10:00:00.000Z' };
const FREE = ['paid', 0, 0] as const;
const PAID = ['paid', 29_00, 29_00] as const;
const OPEN = ['open', 29_00, 0] as const;
/** 21 of 31 days are left: -29.00 * 21/31 = -19.65 and 9.00 * 21/31 = 6.10, so 13.55 are hers. */
const CREDIT = 13_55;

const BEGINNING: readonly Step[] = [
  {
    at: '2027-01-04T09:00:00Z',
    title: 'Ada signs in and looks at the plans',
    who: 'ada',
    act: seePlans,
    expect: { state: null, ...NOTHING, invoices: [], balances: {} },
  },
  {
    at: '2027-01-04T09:30:00Z',
    title: 'Meanwhile Bob buys BASIC for a year, through the API',
    who: 'bob',
    act: bobSubscribes,
    expect: {
      state: 'BASIC active',
      periodEnd: '2028-01-04T09:30:00.000Z',
      access: BASIC,
      accessUntil: '2028-01-07T09:30:00.000Z',
      invoices: [['paid', BOB, BOB]],
      balances: books([BOB], -BOB),
    },
  },
  {
    at: '2027-01-04T10:00:00Z',
    title: 'Ada tries PRO: one card is declined, the next starts the trial',
    who: 'ada',
    act: adaChecksOut,
    expect: {
      ...trial,
      state: 'PRO trialing',
      periodEnd: '2027-01-18T10:00:00.000Z',
      access: PRO,
      accessUntil: '2027-01-21T10:00:00.000Z',
      invoices: [FREE],
      balances: books([BOB], -BOB),
    },
  },
];

const PAYING: readonly Step[] = [
  {
    at: '2027-01-18T12:00:00Z',
    title: 'The trial is over: the first month is invoiced and paid',
    who: 'ada',
    expect: {
      ...trial,
      state: 'PRO active',
      periodEnd: '2027-02-18T10:00:00.000Z',
      access: PRO,
      accessUntil: '2027-02-21T10:00:00.000Z',
      invoices: [PAID, FREE],
      balances: books([BOB, MONTH], -BOB - 29_00),
    },
  },
  {
    at: '2027-02-18T12:00:00Z',
    title: 'A month later: renewed and paid',
    who: 'ada',
    expect: {
      ...trial,
      state: 'PRO active',
      periodEnd: '2027-03-18T10:00:00.000Z',
      access: PRO,
      accessUntil: '2027-03-21T10:00:00.000Z',
      invoices: [PAID, PAID, FREE],
      balances: books([BOB, MONTH, MONTH], -BOB - 58_00),
    },
  },
];

/** What she is told, the last first. */
const FAILED = ['Payment of $29.00 failed'];
const PAID_AFTER_ALL = ['Payment received', ...FAILED];
const CHANGED = ['Subscription changed', ...PAID_AFTER_ALL];
const LEAVING = ['Subscription canceled', ...CHANGED];

const RECOVERED = 'recovered, reminded on day 0, 2 retries declined, paid by the attempt on the new card';

const unpaid: Expected = {
  ...trial,
  state: 'PRO past_due',
  periodEnd: '2027-04-18T10:00:00.000Z',
  graceUntil: '2027-03-25T11:00:00.000Z',
  access: PRO,
  accessUntil: '2027-03-25T11:00:00.000Z',
  invoices: [OPEN, PAID, PAID, FREE],
  balances: books([BOB, MONTH, MONTH], -BOB - 87_00, { 'customer.receivable USD': 29_00 }),
  messages: FAILED,
};

const TROUBLE: readonly Step[] = [
  {
    at: '2027-03-17T12:00:00Z',
    title: 'Her account runs dry, a day before the next renewal',
    who: 'ada',
    act: cardsTurnBad,
    expect: {
      ...trial,
      state: 'PRO active',
      periodEnd: '2027-03-18T10:00:00.000Z',
      access: PRO,
      accessUntil: '2027-03-21T10:00:00.000Z',
      invoices: [PAID, PAID, FREE],
      balances: books([BOB, MONTH, MONTH], -BOB - 58_00),
    },
  },
  {
    at: '2027-03-18T12:00:00Z',
    title: 'The renewal is declined: past due, but access survives the grace',
    who: 'ada',
    expect: { ...unpaid, dunning: 'open, reminded on day 0' },
  },
  {
    at: '2027-03-20T12:00:00Z',
    title: 'Tried again and declined again: the grace is not prolonged',
    who: 'ada',
    expect: { ...unpaid, dunning: 'open, reminded on day 0, 1 retry declined' },
  },
  {
    at: '2027-03-21T09:00:00Z',
    title: 'Ada changes her card in the portal: charged at once, recovered',
    who: 'ada',
    act: adaMendsHerCard,
    expect: {
      ...trial,
      state: 'PRO active',
      periodEnd: '2027-04-18T10:00:00.000Z',
      access: PRO,
      accessUntil: '2027-04-21T10:00:00.000Z',
      invoices: [PAID, PAID, PAID, FREE],
      balances: books([BOB, MONTH, MONTH, MONTH], -BOB - 87_00),
      dunning: RECOVERED,
      messages: PAID_AFTER_ALL,
    },
  },
];

const downgraded = {
  ...trial,
  state: 'BASIC active',
  access: BASIC,
  dunning: RECOVERED,
  messages: CHANGED,
};
const lastMonth = {
  ...downgraded,
  periodEnd: '2027-05-18T10:00:00.000Z',
  invoices: [['paid', 0, 0], ['paid', 0, 0], PAID, PAID, PAID, FREE],
  balances: books([BOB, MONTH, MONTH, MONTH], -BOB - 87_00 + CREDIT - 9_00, { 'customer.credit USD': -CREDIT + 9_00 }),
} as const;
const leaving = {
  ...lastMonth,
  cancelAtPeriodEnd: true,
  canceledAt: '2027-04-25T09:00:00.000Z',
  messages: LEAVING,
};

const ENDING: readonly Step[] = [
  {
    at: '2027-03-28T10:00:00Z',
    title: 'She downgrades to BASIC: what she paid too much stays hers',
    who: 'ada',
    act: adaDowngrades,
    expect: {
      ...downgraded,
      periodEnd: '2027-04-18T10:00:00.000Z',
      accessUntil: '2027-04-21T10:00:00.000Z',
      invoices: [['paid', 0, 0], PAID, PAID, PAID, FREE],
      balances: books([BOB, MONTH, MONTH, MONTH], -BOB - 87_00 + CREDIT, { 'customer.credit USD': -CREDIT }),
    },
  },
  {
    at: '2027-04-18T12:00:00Z',
    title: 'Renewed at $9.00, paid from her credit',
    who: 'ada',
    expect: { ...lastMonth, accessUntil: '2027-05-21T10:00:00.000Z' },
  },
  {
    at: '2027-04-25T09:00:00Z',
    title: 'Ada cancels',
    who: 'ada',
    act: adaCancels,
    expect: { ...leaving, accessUntil: '2027-05-18T10:00:00.000Z' },
  },
  {
    at: '2027-05-18T09:00:00Z',
    title: 'The last hour of what she paid for: access is still hers',
    who: 'ada',
    expect: { ...leaving, accessUntil: '2027-05-18T10:00:00.000Z' },
  },
  {
    at: '2027-05-18T12:00:00Z',
    title: 'The period is over: canceled, access gone',
    who: 'ada',
    expect: { ...leaving, ...NOTHING, state: 'BASIC canceled', messages: ['Subscription ended', ...LEAVING] },
  },
];

const STORES = storeSteps(lastMonth.balances);

/** Half a year in the life of a few customers, and of finance. The figures are worked out by hand, not read from a run. */
export const STORY: readonly Step[] = [
  ...BEGINNING,
  ...PAYING,
  ...TROUBLE,
  ...ENDING,
  ...STORES,
  ...payoutSteps(STORES.at(-1)?.expect.balances ?? {}),
];
