import fc from 'fast-check';
import { foldSubscription, type SubscriptionState } from '../../src/modules/billing/domain/fold-subscription';
import { sameJson } from '../../src/shared/canonical-json';
import type { Stored, SubscriptionFact, SubscriptionPayload } from '../../src/shared/facts';
import { runs, within } from '../support/deep';

const AT = new Date('2026-03-01T00:00:00Z').toISOString();
const BASE: SubscriptionPayload = {
  customerRef: 'cus_1',
  ownerId: null,
  intentId: null,
  status: 'active',
  providerStatus: 'active',
  priceRef: 'price_basic',
  priceId: null,
  quantity: 1,
  unitAmount: 900,
  currency: 'USD',
  interval: 'month',
  intervalCount: 1,
  currentPeriodStart: AT,
  currentPeriodEnd: AT,
  trialEndsAt: null,
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  createdAt: AT,
  latestInvoiceRef: null,
};

type Action =
  /** The object changes there, by anybody or by a call of ours. */
  | { do: 'change'; quantity: number; ours: boolean }
  /** The provider's clock goes on; it stands otherwise, as the sandbox's does. */
  | { do: 'second' }
  /** What is on its way arrives: one of the events, answers and readings, whichever. */
  | { do: 'arrive'; which: number; again: boolean };

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      quantity: fc.integer({ min: 1, max: 3 }),
      ours: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ do: 'second' }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('arrive' as const), which: fc.nat(20), again: fc.boolean() }),
  },
);

type Told = Omit<Stored<SubscriptionFact>, 'id' | 'seq'>;

/** A provider, what it has told that has not arrived yet, and a Kassa that asks again whenever its facts leave a doubt. */
class Live {
  readonly facts: Stored<SubscriptionFact>[] = [];
  /** Readings are made when they arrive, though they were begun before. */
  private readonly underWay: (() => Told)[] = [];
  private second = 0;
  private quantity = 1;
  private ids = 0;
  reads = 0;

  constructor() {
    const created = this.told('created', 'evt_0');
    this.underWay.push(() => created);
  }

  take(action: Action): void {
    if (action.do === 'second') this.second += 1;
    else if (action.do === 'change') this.change(action.quantity, action.ours);
    else this.arrive(action.which, action.again);
  }

  settle(): void {
    for (let left = 200; this.underWay.length > 0; left -= 1) {
      if (left === 0) throw new Error('It asks for ever');
      this.arrive(0, false);
    }
  }

  get state(): SubscriptionState {
    const state = foldSubscription(this.facts);
    if (!state) throw new Error('Nothing has arrived');
    return state;
  }

  get truth(): SubscriptionPayload {
    return { ...BASE, quantity: this.quantity };
  }

  private change(quantity: number, ours: boolean): void {
    const intent = this.ownBody();
    const before = this.truth;
    this.quantity = quantity;
    // Ids of a provider's events say nothing of their order.
    const changed = this.told('changed', `evt_${(this.ids * 7919) % 100_003}_${this.ids}`, before);
    if (before.quantity !== quantity) this.underWay.push(() => changed);
    if (!ours) return;
    const answer = this.told('snapshot', `answer:int_${intent}`);
    this.underWay.push(() => answer);
  }

  private arrive(which: number, again: boolean): void {
    const at = which % Math.max(this.underWay.length, 1);
    const told = this.underWay[at]?.();
    if (!told) return;
    if (!again) this.underWay.splice(at, 1);
    if (this.facts.some(({ sourceId }) => sourceId === told.sourceId)) return;
    this.facts.push({ ...told, id: `fact_${this.ownBody()}`, seq: BigInt(this.facts.length) });
    if (!this.state.undecided) return;
    this.reads += 1;
    const begun = this.ownBody();
    this.underWay.push(() => this.told('snapshot', `read:evt_${begun}`));
  }

  private told(kind: 'created' | 'changed' | 'snapshot', sourceId: string, before: Told['before'] = null): Told {
    return {
      provider: 'stripe',
      objectType: 'subscription',
      objectId: 'sub_1',
      kind: `subscription.${kind}`,
      aggregate: 'stripe:cus_1',
      occurredAt: new Date(Date.parse(AT) + this.second * 1000),
      sourceId,
      payload: this.truth,
      before,
    };
  }

  /** Bodies of our ids sort by the time they were made at. */
  private ownBody(): string {
    this.ids += 1;
    return `01k${String(this.ids).padStart(23, '0')}`;
  }
}

describe('a live run, in which a doubt asks the provider', () => {
  it(
    'ends at what the provider holds, however its answers and events overtake each other',
    () => {
      let events = 0;
      let reads = 0;
      fc.assert(
        fc.property(fc.array(anyAction, { maxLength: 16, size: 'max' }), (actions) => {
          const live = new Live();
          for (const action of actions) live.take(action);
          live.settle();
          const { undecided, payload } = live.state;
          if (undecided || !sameJson(payload, live.truth)) expect({ undecided, payload }).toEqual(live.truth);
          events += live.facts.length - live.reads;
          reads += live.reads;
        }),
        runs(2000),
      );
      // Half of all steps share a second, which a provider's real clock does not make them do.
      expect(reads).toBeLessThan(events / 2);
    },
    within(120_000),
  );
});
