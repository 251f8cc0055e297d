import type { FundReservationFact, Stored } from '../../../shared/facts';
import { reservationJournal } from './reservation-journal';

const KEY = '6f2c1f0e-5d5b-4b7e-9f0a-0c8a3f1d2b11';

function told(kind: FundReservationFact['kind'], index: number, quoteRef: string, amount: number) {
  return {
    ...{ provider: 'wise', objectType: 'fund_reservation', objectId: KEY, aggregate: `wise:${KEY}`, kind },
    occurredAt: new Date('2026-03-02T09:00:00Z'),
    ...{ sourceId: `po_1:r${String(index)}`, id: `fact_${String(index)}`, seq: BigInt(index), before: null },
    payload: { payoutId: 'po_1', quoteRef, amount, currency: 'USD' },
  } as Stored<FundReservationFact>;
}

describe('reservationJournal', () => {
  const first = told('fund_reservation.made', 1, 'q_1', 10_000);
  const second = told('fund_reservation.made', 2, 'q_2', 10_100);
  const free = told('fund_reservation.released', 3, 'q_2', 10_100);

  it.each([
    ['nothing', [], [], 0n],
    ['one quote', [first], ['q_1'], 10_000n],
    ['another takes its place', [second, first], ['q_1', 'q_1:reversal', 'q_2'], 10_100n],
    ['given up', [free, second, first], ['q_1', 'q_1:reversal', 'q_2', 'q_2:reversal'], 0n],
  ])('%s', (_name, facts, keys, reserved) => {
    const drafts = reservationJournal(facts, KEY);
    expect(drafts.map(({ idempotencyKey }) => idempotencyKey.replace(`wise:${KEY}:reserved:`, ''))).toEqual(keys);
    const sums = drafts.flatMap(({ entries }) => entries);
    const of = (code: string): bigint =>
      sums.reduce((sum, { account, amount }) => (account === code ? sum + amount : sum), 0n);
    expect(of('payouts.wise.reserved')).toBe(reserved);
    expect(of('wise.clearing')).toBe(-reserved);
  });
});
