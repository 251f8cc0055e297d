import fc from 'fast-check';
import { at, DAY, harness, type Harness } from './harness';
import { balanceOf, charges, pay, refund } from './money-harness';
import type { BalanceTransactionObject, ChargeObject, WireList } from './wire';

const start = at('2027-01-31T10:00:00Z');

type Step =
  | { readonly kind: 'pay' | 'refund'; readonly amount: number; readonly on: number }
  | {
      readonly kind: 'dispute' | 'inquire' | 'win' | 'lose' | 'escalate' | 'fail refund' | 'fail payout';
      readonly on: number;
    }
  | { readonly kind: 'wait'; readonly days: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('pay' as const, 'refund' as const),
    amount: fc.integer({ min: 50, max: 9000 }),
    on: fc.nat(5),
  }),
  fc.record({
    kind: fc.constantFrom(
      'dispute' as const,
      'inquire' as const,
      'win' as const,
      'lose' as const,
      'escalate' as const,
      'fail refund' as const,
      'fail payout' as const,
    ),
    on: fc.nat(5),
  }),
  fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 9 }) }),
);

/** One of a list, as an id that need not exist. */
function pick(objects: readonly { readonly id: string }[], on: number): string {
  return objects[on % Math.max(1, objects.length)]?.id ?? 'nobody';
}

function act(h: Harness, action: Step): void {
  const { money } = h.engine.control;
  const { disputes, refunds, payouts } = h.engine.control.snapshot();
  const all = charges(h);
  if (action.kind === 'wait') {
    h.go(h.now() + action.days * DAY);
    return;
  }
  const charge = all[action.on % Math.max(1, all.length)];
  if (action.kind === 'pay') pay(h, action.amount);
  if (action.kind === 'refund' && charge) refund(h, charge, { amount: action.amount });
  if (action.kind === 'dispute' && charge) money.openDispute({ charge: charge.id }, {});
  if (action.kind === 'inquire' && charge) money.openDispute({ charge: charge.id }, { inquiry: true });
  if (action.kind === 'win') money.decideDispute(pick(disputes, action.on), 'won');
  if (action.kind === 'lose') money.decideDispute(pick(disputes, action.on), 'lost');
  if (action.kind === 'escalate') money.decideDispute(pick(disputes, action.on), 'needs_response');
  if (action.kind === 'fail refund') money.settleRefund(pick(refunds, action.on), 'failed');
  if (action.kind === 'fail payout') money.failPayout(pick(payouts, action.on));
}

function listed(h: Harness): BalanceTransactionObject[] {
  const found: BalanceTransactionObject[] = [];
  for (;;) {
    const after = found.at(-1);
    const cursor = after === undefined ? {} : { starting_after: after.id };
    const page = h.call('GET', '/v1/balance_transactions', { limit: 100, ...cursor });
    const { data, has_more: more } = page as WireList<BalanceTransactionObject>;
    found.push(...data);
    if (!more) return found;
  }
}

/** What the objects themselves say there must be: counted without any balance transaction. */
function expected(h: Harness): number {
  const { charges: all, refunds, disputes, payouts } = h.engine.control.snapshot();
  const fee = ({ amount_captured: amount }: ChargeObject): number => Math.round((amount * 29) / 1000) + 30;
  const paid = all.reduce((total, charge) => total + charge.amount_captured - fee(charge), 0);
  const standing = refunds.filter(({ status }) => status !== 'failed' && status !== 'canceled');
  const back = standing.reduce((total, { amount }) => total + amount, 0);
  const inquiry = (status: string): boolean => status.startsWith('warning');
  const taken = disputes
    .filter(({ status }) => !inquiry(status))
    .reduce((total, { status, amount }) => total + 1500 + (status === 'won' ? 0 : amount), 0);
  const out = payouts.filter(({ status }) => status !== 'failed').reduce((total, { amount }) => total + amount, 0);
  return paid - back - taken - out;
}

describe('the money of an account', () => {
  it('adds up: transactions, balance, and what charges, refunds, disputes and payouts say', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, daily) => {
        const h = harness(start);
        if (daily) h.engine.control.configure({ payouts: 'daily' });
        pay(h, 5000);
        for (const action of steps) {
          try {
            act(h, action);
          } catch (error) {
            expect([400, 404]).toContain((error as { status?: number }).status);
          }
        }
        const sum = listed(h).reduce((total, { net }) => total + net, 0);
        expect(balanceOf(h)).toBe(sum);
        expect(sum).toBe(expected(h));
        for (const charge of charges(h)) expect(charge.amount_refunded).toBeLessThanOrEqual(charge.amount_captured);
      }),
      { numRuns: 100 },
    );
  });

  it('tells the same story whether time jumps or walks', () => {
    const town = (): Harness => {
      const h = harness(start);
      h.engine.control.configure({ payouts: 'daily', captureDelaySeconds: 3600, refunds: 'pending_then_fails' });
      const charge = pay(h, 5000);
      refund(h, charge, { amount: 700 });
      const other = pay(h, 3000);
      h.engine.control.money.openDispute({ charge: other.id }, { dueInDays: 4 });
      h.engine.control.money.openDispute({ charge: charge.id }, { inquiry: true });
      return h;
    };
    const jumped = town();
    jumped.go(start + 150 * DAY);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 * DAY }), { maxLength: 7 }), (steps) => {
        const walked = town();
        for (const seconds of steps) walked.go(walked.now() + seconds);
        walked.go(start + 150 * DAY);
        expect(walked.events).toEqual(jumped.events);
        expect(walked.engine.control.snapshot()).toEqual(jumped.engine.control.snapshot());
      }),
      { numRuns: 10 },
    );
    expect(jumped.events.length).toBeGreaterThan(20);
  });
});
