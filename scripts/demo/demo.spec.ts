import { columns, wrap } from './columns';
import { countAll, countDeliveries } from './delivery-counts';
import { count, moment, money, movement, stamp } from './format';
import { openingLines, promiseLines } from './framing-lines';
import { paint, wantsColour } from './paint';
import { planLines } from './plan-lines';
import { BLANK, compare, type Picture } from './picture';
import { stepLines, WIDTH } from './step-lines';
import { STORY } from './story';
import { StripeSide } from './stripe-side';

const plain = paint(false);

const picture: Picture = {
  subscription: {
    id: 'sub_1',
    providerId: 'sub_1',
    plan: { code: 'PRO' },
    status: 'past_due',
    amount: 2900,
    currency: 'USD',
    currentPeriodEnd: '2027-04-18T10:00:00.000Z',
    trialEndsAt: null,
    cancelAtPeriodEnd: false,
    canceledAt: null,
    graceUntil: '2027-03-25T11:00:00.000Z',
  },
  access: {
    api_calls: { granted: true, limit: 250_000, until: '2027-03-25T11:00:00.000Z' },
    projects: { granted: true, limit: 50, until: '2027-03-25T11:00:00.000Z' },
    seats: { granted: true, limit: 1, until: '2027-03-25T11:00:00.000Z' },
    priority_support: { granted: true, limit: null, until: '2027-03-25T11:00:00.000Z' },
  },
  invoices: [
    {
      id: 'inv_1',
      providerId: 'in_1',
      number: 'ABC-0001',
      status: 'open',
      amountDue: 2900,
      amountPaid: 0,
      currency: 'USD',
      attemptCount: 1,
      lines: [{ description: 'Pro', amount: 2900 }],
    },
  ],
  balances: [
    { account: 'customer.receivable', amount: 2900, currency: 'USD' },
    { account: 'revenue.deferred', amount: -2900, currency: 'USD' },
  ],
  dunning: {
    status: 'open',
    nextActionAt: '2027-03-18T12:03:00.000Z',
    attempts: [{ strategy: 'scheduled', status: 'scheduled', dueAt: '2027-03-18T12:03:00.000Z' }],
    reminders: [{ day: 0, status: 'sent' }],
  },
  messages: ['Payment of $29.00 failed'],
  payouts: null,
};

const report = {
  number: 3,
  at: new Date('2027-03-18T12:00:00Z'),
  title: 'The renewal is declined',
  told: [],
  before: BLANK,
  after: picture,
  webhooks: { events: 10, deliveries: 16, repeats: 6, overtaken: 2 },
};

describe('figures and dates', () => {
  it('are written for people', () => {
    expect([money(-1355, 'USD'), movement(2900, 'USD'), money(500, 'JPY')]).toEqual(['-$13.55', '+$29.00', '¥500']);
    expect(moment(new Date('2027-01-04T00:05:00Z'))).toBe('4 Jan 2027 00:05');
    expect(stamp(new Date('2027-01-04T00:05:00Z'))).toBe('Mon  4 Jan 2027 00:05');
    expect([count(1, 'delivery', 'deliveries'), count(1200, 'event')]).toEqual(['1 delivery', '1,200 events']);
  });
});

describe('columns', () => {
  it('are as wide as their widest cell', () => {
    expect(
      columns(
        [
          ['a', '1'],
          ['bcd', '100'],
        ],
        [{}, { align: 'right' }],
      ),
    ).toEqual(['a      1', 'bcd  100']);
  });

  it('wrap sentences and leave long words whole', () => {
    expect(wrap('one two extraordinary', 7)).toEqual(['one two', 'extraordinary']);
  });
});

describe('a step', () => {
  it('tells what changed, aligned', () => {
    expect(stepLines(report, plain)).toEqual([
      '',
      ' 3  Thu 18 Mar 2027 12:00  The renewal is declined',
      '      status    PRO past_due, grace until 25 Mar 2027 11:00',
      '      access    250,000 API calls, 50 projects, 1 seat, priority support, until 25 Mar 2027 11:00',
      '      invoice   ABC-0001  open  $29.00, declined once',
      '      dunning   open, reminded on day 0, next try 18 Mar 2027 12:03',
      '      told      Payment of $29.00 failed',
      '      ledger    customer.receivable  +$29.00  =   $29.00',
      '                revenue.deferred     -$29.00  =  -$29.00',
      '      webhooks  10 events, 6 delivered twice, 2 out of order',
    ]);
  });

  it('says nothing of what stayed as it was', () => {
    const quiet = { events: 0, deliveries: 0, repeats: 0, overtaken: 0 };
    const lines = stepLines({ ...report, before: picture, webhooks: quiet }, plain);
    expect(lines.join('\n')).not.toMatch(/invoice|dunning|told|ledger|webhooks/);
  });

  it('of finance tells of payouts, and of nothing that customers have', () => {
    const quote = { ...{ quoteId: '1', rate: '0.92', fee: 1200 }, ...{ sourceAmount: 272_940, sourceCurrency: 'USD' } };
    const payout = {
      ...{ id: 'po_1', providerId: null, status: 'queued', amount: 250_000, currency: 'EUR' },
      ...{ beneficiary: { name: 'Lena Vogt', account: 'DE••3000' } },
      quote: { ...quote, targetAmount: 250_000, targetCurrency: 'EUR', expiresAt: '2027-06-23T10:30:00.000Z' },
    };
    const other = { ...payout, id: 'po_2', status: 'paid' };
    const [before, after] = [[other], [payout, other]].map((payouts) => ({ ...BLANK, payouts }));
    const webhooks = { events: 0, deliveries: 0, repeats: 0, overtaken: 0 };
    expect(stepLines({ ...report, before: before ?? BLANK, after: after ?? BLANK, webhooks }, plain)).toEqual([
      '',
      ' 3  Thu 18 Mar 2027 12:00  The renewal is declined',
      '      payout    €2,500.00 to Lena Vogt  queued  for $2,729.40 of ours, $12.00 of it the fee',
    ]);
  });

  it('fits its line, whatever its title', () => {
    for (const { title } of STORY) {
      for (const line of stepLines({ ...report, title }, plain)) expect(line.length).toBeLessThanOrEqual(WIDTH);
    }
    for (const line of openingLines(plain)) expect(line.length).toBeLessThanOrEqual(WIDTH);
  });

  it('is coloured for a terminal only, and only if wanted', () => {
    expect([wantsColour(true, {}), wantsColour(false, {}), wantsColour(true, { NO_COLOR: '1' })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(paint(true).red('no')).toBe('\u001b[31mno\u001b[39m');
    expect(promiseLines([{ text: 'kept', seen: '1', wrong: [] }], paint(true))[0]).toContain('\u001b[32m✓');
  });
});

describe('the plans', () => {
  it('stand in columns', () => {
    const price = (billingCycle: string, amount: number) => ({ billingCycle, amount, currency: 'USD' });
    const plan = { description: 'For one', features: [] };
    expect(
      planLines([
        { ...plan, code: 'BASIC', trialDays: 0, prices: [price('monthly', 900), price('annual', 9000)] },
        { ...plan, code: 'PRO', trialDays: 14, prices: [price('monthly', 2900)] },
      ]),
    ).toEqual([
      'BASIC   $9.00/month  $90.00/year      no trial  For one',
      'PRO    $29.00/month               14 days free  For one',
    ]);
  });
});

describe('a comparison', () => {
  const expected = {
    state: 'PRO past_due',
    periodEnd: '2027-04-18T10:00:00.000Z',
    graceUntil: '2027-03-25T11:00:00.000Z',
    access: { priority_support: null, seats: 1, projects: 50, api_calls: 250_000 },
    accessUntil: '2027-03-25T11:00:00.000Z',
    invoices: [['open', 2900, 0]],
    balances: { 'customer.receivable USD': 2900, 'revenue.deferred USD': -2900 },
    dunning: 'open, reminded on day 0',
    messages: ['Payment of $29.00 failed'],
  } as const;

  it('holds where everything is as said', () => {
    expect(compare(expected, picture).differences).toEqual([]);
  });

  it('names what is there too much or too little', () => {
    const { balances } = expected;
    const wrong = { ...expected, balances: { ...balances, 'tax.payable USD': 1 }, access: { seats: 1 } };
    expect(compare(wrong, picture).differences).toEqual([
      'balances / tax.payable USD should be 1 and is absent',
      'access / api_calls should be absent and is 250000',
      'access / projects should be absent and is 50',
      'access / priority_support should be absent and is null',
    ]);
  });

  it('names each difference, also in what was not mentioned', () => {
    const subscription = picture.subscription && { ...picture.subscription, cancelAtPeriodEnd: true };
    expect(
      compare({ ...expected, invoices: [['paid', 2900, 2900]] }, { ...picture, subscription }).differences,
    ).toEqual([
      'cancelAtPeriodEnd should be false and is true',
      'invoices / 0 / 0 should be "paid" and is "open"',
      'invoices / 0 / 2 should be 2900 and is 0',
    ]);
  });
});

describe('an event of Wise', () => {
  it('is known by what it says, and those of others by their ids', () => {
    const sender = { events: [], deliveries: [] };
    const delivery = { eventId: 'e', endpointId: 'sub', state: 'delivered', attempts: [] };
    const at = '2027-06-23T10:00:00.001Z';
    const balance = { id: 'e', type: 'balances#update', data: { balance_id: 7, step_id: 8, occurred_at: at } };
    expect(StripeSide.keyOf({ ...sender, name: 'wise' }, balance, delivery)).toBe(`wise:balances#update:7:8:${at}:sub`);
    expect(StripeSide.keyOf({ ...sender, name: 'apple' }, { id: 'e', type: 'x' }, delivery)).toBe('apple:e');
  });
});

describe('counting deliveries', () => {
  const event = (id: string) => ({ id, type: 'x' });
  const delivery = (eventId: string, ...at: number[]) => ({
    eventId,
    endpointId: 'we_1',
    state: 'delivered',
    attempts: at.map((ms) => ({ at: ms, status: 200 })),
  });

  it('tells repeats from what was overtaken', () => {
    const events = [event('a'), event('b'), event('c')];
    const deliveries = [delivery('a', 30), delivery('b', 10), delivery('b', 40), delivery('c', 20)];
    expect(countDeliveries(events, deliveries)).toEqual({ events: 3, deliveries: 4, repeats: 1, overtaken: 1 });
  });

  it('adds up what each has sent since', () => {
    const stripe = { name: 'stripe', events: [event('a'), event('b')], deliveries: [delivery('a', 1, 2)] } as const;
    const apple = { name: 'apple', events: [event('x')], deliveries: [delivery('x', 5)] } as const;
    const later = { ...stripe, deliveries: [...stripe.deliveries, delivery('b', 9, 11)] };
    const before = [{ ...stripe, events: [event('a')] }];
    expect(countAll([later, apple], before)).toEqual({ events: 2, deliveries: 3, repeats: 1, overtaken: 0 });
  });
});
