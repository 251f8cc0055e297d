import fc from 'fast-check';
import type { BalanceMovement, ChargeFact, Stored } from '../../../../shared/facts';
import type { JournalDraft } from '../../../ledger';
import { chargeJournal, lacksSettlement } from './charge-journal';

const T0 = Date.parse('2026-01-15T10:00:00Z');
const at = (second: number): string => new Date(T0 + second * 1000).toISOString();
const SETTLEMENT: BalanceMovement = { ref: 'txn_1', amount: 2_900, fee: 114, currency: 'USD', createdAt: at(1) };

type Told = [kind: ChargeFact['kind'], movementRef: string | null, settlement: BalanceMovement | null];
/** Authorized, captured, and read with what came in. */
const AUTHORIZED: Told = ['charge.succeeded', null, null];
const CAPTURED: Told = ['charge.changed', 'txn_1', null];
const READ: Told = ['charge.snapshot', 'txn_1', SETTLEMENT];

function factsOf(...told: Told[]): Stored<ChargeFact>[] {
  return told.map(([kind, movementRef, settlement], index) => ({
    provider: 'stripe',
    objectType: 'charge',
    objectId: 'ch_1',
    kind,
    aggregate: 'stripe:cus_1',
    occurredAt: new Date(T0 + index * 1000),
    sourceId: `evt_${String(index)}`,
    payload: {
      customerRef: 'cus_1',
      paymentRef: 'pi_1',
      amount: 2_900,
      currency: 'USD',
      movementRef,
      settlement,
      createdAt: at(0),
    },
    before: null,
    id: `fact_${String(index)}`,
    seq: BigInt(index),
  }));
}

describe('what came in by a charge', () => {
  it.each<[string, Told[], boolean]>([
    ['nothing told', [], false],
    ['authorized only', [AUTHORIZED], false],
    ['captured, and nobody has said for how much', [AUTHORIZED, CAPTURED], true],
    ['read', [AUTHORIZED, CAPTURED, READ], false],
    ['read before the event came', [READ, CAPTURED], false],
  ])('%s', (_name, told, lacks) => {
    expect(lacksSettlement(factsOf(...told))).toBe(lacks);
  });

  it('is posted when it is known, under the charge and dated by the movement', () => {
    expect(chargeJournal(factsOf(AUTHORIZED, CAPTURED), 'cust_1')).toEqual([]);
    expect(chargeJournal(factsOf(AUTHORIZED, CAPTURED, READ), 'cust_1')).toEqual([
      {
        type: 'charge.settled',
        idempotencyKey: 'stripe:ch_1:settled',
        refId: 'pi_1',
        provider: 'stripe',
        occurredAt: new Date(T0 + 1000),
        customerId: 'cust_1',
        meta: {},
        entries: [
          { account: 'fees.stripe', amount: 114n, currency: 'USD' },
          { account: 'stripe.clearing', amount: -114n, currency: 'USD' },
        ],
      },
    ]);
  });

  it('is nothing to post where nothing was kept', () => {
    expect(chargeJournal(factsOf(['charge.snapshot', 'txn_1', { ...SETTLEMENT, fee: 0 }]), 'cust_1')).toEqual([]);
  });

  it('is the same however often it is read, and whatever else was heard', () => {
    const life = factsOf(AUTHORIZED, CAPTURED, READ, READ, CAPTURED, READ);
    const whole: JournalDraft[] = chargeJournal(life, 'cust_1');
    fc.assert(
      fc.property(fc.shuffledSubarray(life), (heard) => {
        const known = heard.some(({ payload }) => payload.settlement);
        expect(chargeJournal(heard, 'cust_1')).toEqual(known ? whole : []);
      }),
    );
  });
});
