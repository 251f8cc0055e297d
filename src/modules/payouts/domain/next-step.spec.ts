import fc from 'fast-check';
import { TRANSFER_STATES, type TransferState } from '../../../shared/transfer-payloads';
import { nextPoll, nextStep, type Step, type StepFacts } from './next-step';
import { PAYOUT_DECISIONS, PAYOUT_STATUSES, type PayoutDecision, type PayoutStatus } from './payout-status';

type Transfer = NonNullable<StepFacts['transfer']>;
const WAITING: Transfer = { state: 'incoming_payment_waiting', funding: null, isOrdered: true };
const STATES: readonly (TransferState | null)[] = [null, ...TRANSFER_STATES];
const FUNDINGS: readonly Transfer['funding'][] = [null, 'completed', 'rejected', 'authorization_required'];

describe('nextStep', () => {
  it.each<[string, Partial<StepFacts>, Step | null]>([
    ['nobody has told of a transfer', { transfer: null }, 'order'],
    ['a webhook was quicker than the answer to the order', { transfer: { ...WAITING, isOrdered: false } }, 'order'],
    ['it is to be called off, and may have been ordered', { transfer: null, isCancelRequested: true }, 'order'],
    ['it is ordered', {}, 'fund'],
    ['only we have told of it', { transfer: { ...WAITING, state: null } }, 'fund'],
    ['it is to be called off before it is paid for', { isCancelRequested: true }, 'cancel'],
    [
      'it is to be called off while Wise has its money',
      { isCancelRequested: true, transfer: { ...WAITING, state: 'processing', funding: 'completed' } },
      'cancel',
    ],
    [
      'it is to be called off, and was converted',
      { isCancelRequested: true, transfer: { ...WAITING, state: 'funds_converted', funding: 'completed' } },
      null,
    ],
    ['it was paid for, and no state says so yet', { transfer: { ...WAITING, funding: 'completed' } }, null],
    ['it was paid for, and only the state says so', { transfer: { ...WAITING, state: 'processing' } }, null],
    ['it was refused for want of money', { transfer: { ...WAITING, funding: 'rejected' } }, 'cancel'],
    ['it was refused, and called off', { transfer: { ...WAITING, state: 'cancelled', funding: 'rejected' } }, null],
    ['a person has to pay for it', { transfer: { ...WAITING, funding: 'authorization_required' } }, null],
    [
      'a person has to pay for it, and calls it off',
      { isCancelRequested: true, transfer: { ...WAITING, funding: 'authorization_required' } },
      'cancel',
    ],
  ])('where %s', (_name, facts, step) => {
    expect(nextStep({ decision: 'approved', isCancelRequested: false, transfer: WAITING, ...facts })).toBe(step);
  });

  it.each(PAYOUT_DECISIONS.filter((decision) => decision !== 'approved'))('asks nothing where it is %s', (decision) => {
    for (const transfer of [null, WAITING]) {
      for (const isCancelRequested of [false, true]) {
        expect(nextStep({ decision, isCancelRequested, transfer })).toBeNull();
      }
    }
  });

  const anyFacts = fc.record<StepFacts>({
    decision: fc.constantFrom<PayoutDecision>(...PAYOUT_DECISIONS),
    isCancelRequested: fc.boolean(),
    transfer: fc.option(
      fc.record({
        state: fc.constantFrom(...STATES),
        funding: fc.constantFrom(...FUNDINGS),
        isOrdered: fc.boolean(),
      }),
    ),
  });

  it('pays for what is ordered, waits, was never paid for nor refused, and is not called off: for nothing else', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (nextStep(facts) !== 'fund') return;
        const { decision, isCancelRequested, transfer } = facts;
        expect([decision, isCancelRequested]).toEqual(['approved', false]);
        expect(transfer).toMatchObject({ funding: null, isOrdered: true });
        expect([null, 'incoming_payment_waiting', 'incoming_payment_initiated']).toContain(transfer?.state);
      }),
    );
  });

  it('orders what is approved and not known to be ordered: nothing twice', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const isOpen = facts.decision === 'approved' && facts.transfer?.isOrdered !== true;
        expect(nextStep(facts) === 'order').toBe(isOpen);
      }),
    );
  });
});

describe('nextPoll', () => {
  const SINCE = new Date('2026-03-02T09:00:00Z');
  const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

  it.each<[PayoutStatus, number, number | null]>([
    ['processing', 0, 10 * MINUTE],
    ['processing', HOUR - 1, 10 * MINUTE],
    ['processing', HOUR, HOUR],
    ['processing', 2 * DAY, DAY],
    ['processing', 100 * DAY, DAY],
    ['requires_manual_funding', 0, HOUR],
    ['requires_manual_funding', 3 * DAY, DAY],
    ['bounced', 0, HOUR],
    ['bounced', 90 * DAY, DAY],
    ['paid', 0, DAY],
    ['paid', 14 * DAY - 1, DAY],
    ['paid', 14 * DAY, null],
    ['failed', DAY, DAY],
    ['failed', 20 * DAY, null],
  ])('%s since %d ms: in %d ms', (status, age, wait) => {
    const now = new Date(SINCE.getTime() + age);
    expect(nextPoll(status, SINCE, now)).toEqual(wait === null ? null : new Date(now.getTime() + wait));
  });

  it.each(['queued', 'awaiting_second_approval', 'refunded', 'charged_back', 'canceled', 'rejected'] as const)(
    'asks no more where it is %s',
    (status) => {
      expect(nextPoll(status, SINCE, SINCE)).toBeNull();
    },
  );

  it('asks later, or never again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PAYOUT_STATUSES), fc.nat(400 * DAY), (status, age) => {
        const now = new Date(SINCE.getTime() + age);
        expect(nextPoll(status, SINCE, now)?.getTime() ?? Infinity).toBeGreaterThan(now.getTime());
      }),
    );
  });
});
