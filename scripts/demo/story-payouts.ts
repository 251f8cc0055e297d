import {
  erinPreparesEuros,
  frankIsAskedAgain,
  theBankSendsBack,
  wiseReturnsTheMoney,
  yenNeedTwo,
} from './actions-payouts';
import type { Expected } from './picture';
import { NOTHING, type Step } from './story-step';

/** What our bank sends to Wise. */
const TOP_UP = 20_000_00;
/** €2,500.00 at 0.92, rounded up to the cent, and Wise's 0.43 % of it, rounded up, with 31 cents. */
const AT_FIRST = 2_717_40 + 12_00;
/** The same at 0.8924, which is 3 % less. */
const EUROS = { sent: 2_801_44, fee: 12_36 };
/** ¥1,800,000 at 145.015: 149.5 less 3 %. */
const YEN = { sent: 12_412_51, fee: 53_69 };
const FIRST = '€2,500.00 to Lena Vogt';
const SECOND = '¥1,800,000 to Kenji Sato';

interface PayoutStep extends Omit<Step, 'expect'> {
  /** Newest first. */
  readonly payouts: readonly string[];
  /** Accounts of payouts that do not stand at zero. */
  readonly books: Expected['balances'];
}

const out = (sent: readonly { sent: number; fee: number }[]): { sent: number; fee: number } => ({
  sent: sent.reduce((sum, one) => sum + one.sent, 0),
  fee: sent.reduce((sum, one) => sum + one.fee, 0),
});

/** @param left what has left our balance for good or for now; @param back what came back to it. */
function wise(left: readonly { sent: number; fee: number }[], back: number, rest: Expected['balances']) {
  const { sent, fee } = out(left);
  return {
    ...{ 'bank.account USD': -TOP_UP, 'wise.clearing USD': TOP_UP - sent - fee + back, 'fees.wise USD': fee },
    ...rest,
  };
}

const ARRIVED_EUROS = { 'payouts.disbursed EUR': 2_500_00, 'fx.clearing EUR': -2_500_00 };
const ARRIVED_YEN = { 'payouts.disbursed JPY': 1_800_000, 'fx.clearing JPY': -1_800_000 };

const STEPS: readonly PayoutStep[] = [
  {
    at: '2027-06-23T10:00:00Z',
    title: 'Erin of finance prepares a payout, and may not approve it herself',
    who: 'erin',
    act: erinPreparesEuros,
    payouts: [`${FIRST} queued`],
    books: {
      ...{ 'bank.account USD': -TOP_UP, 'wise.clearing USD': TOP_UP - AT_FIRST },
      'payouts.wise.reserved USD': AT_FIRST,
    },
  },
  {
    at: '2027-06-23T10:45:00Z',
    title: 'The quote has expired and the dollar has fallen: Frank is asked again',
    who: 'erin',
    act: frankIsAskedAgain,
    payouts: [`${FIRST} processing`],
    books: wise([EUROS], 0, { 'payouts.wise.transit USD': EUROS.sent }),
  },
  {
    at: '2027-06-24T10:00:00Z',
    title: 'The euros have arrived. Yen for over $10,000 need a second approver',
    who: 'erin',
    act: yenNeedTwo,
    payouts: [`${SECOND} processing`, `${FIRST} paid`],
    books: wise([EUROS, YEN], 0, {
      ...{ ...ARRIVED_EUROS, 'fx.clearing USD': EUROS.sent, 'payouts.wise.transit USD': YEN.sent },
    }),
  },
  {
    at: '2027-06-25T10:00:00Z',
    title: 'The yen have arrived, and the euros come back',
    who: 'erin',
    act: theBankSendsBack,
    payouts: [`${SECOND} paid`, `${FIRST} bounced`],
    books: wise([EUROS, YEN], 0, {
      ...{ ...ARRIVED_YEN, 'fx.clearing USD': YEN.sent, 'payouts.wise.transit USD': EUROS.sent },
    }),
  },
  {
    at: '2027-06-28T10:00:00Z',
    title: 'Refunded, and prepared anew for the right account',
    who: 'erin',
    act: wiseReturnsTheMoney,
    payouts: [`${FIRST} processing`, `${SECOND} paid`, `${FIRST} refunded`],
    books: wise([EUROS, YEN, EUROS], EUROS.sent, {
      ...{ ...ARRIVED_YEN, 'fx.clearing USD': YEN.sent, 'payouts.wise.transit USD': EUROS.sent },
    }),
  },
  {
    at: '2027-07-01T09:00:00Z',
    title: 'June is over, and everybody has his money',
    who: 'erin',
    payouts: [`${FIRST} paid`, `${SECOND} paid`, `${FIRST} refunded`],
    books: wise([EUROS, YEN, EUROS], EUROS.sent, {
      ...{ ...ARRIVED_EUROS, ...ARRIVED_YEN, 'fx.clearing USD': YEN.sent + EUROS.sent },
    }),
  },
];

/** Finance pays people through Wise. @param before the books until then. */
export function payoutSteps(before: Expected['balances']): readonly Step[] {
  return STEPS.map(({ payouts, books, ...step }) => ({
    ...step,
    expect: { ...NOTHING, state: null, invoices: [], payouts, balances: { ...before, ...books } },
  }));
}
