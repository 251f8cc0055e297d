import fc from 'fast-check';
import type { ProviderPayoutFact, ProviderPayoutPayload, ProviderPayoutStatus, Stored } from '../../../../shared/facts';
import type { JournalDraft } from '../../../ledger';
import { foldProviderPayout, providerPayoutJournal } from './fold-provider-payout';

/** What a posting moves, whenever it was told. */
const contentOf = ({ type, refId, entries }: JournalDraft): string =>
  [type, refId, ...entries.map(({ account, amount, currency }) => `${account} ${String(amount)} ${currency}`)].join(
    '\n',
  );

const T0 = Date.parse('2026-01-15T10:00:00Z');
const identity = { payoutId: 'pot_1', providerRef: 'po_1' };
const KINDS: Readonly<Record<ProviderPayoutStatus, ProviderPayoutFact['kind']>> = {
  pending: 'provider_payout.changed',
  in_transit: 'provider_payout.changed',
  paid: 'provider_payout.paid',
  failed: 'provider_payout.failed',
  canceled: 'provider_payout.canceled',
};

const fact = (
  status: ProviderPayoutStatus,
  index: number,
  more: Partial<ProviderPayoutPayload> = {},
  second = index * 60,
): Stored<ProviderPayoutFact> => ({
  provider: 'stripe',
  objectType: 'provider_payout',
  objectId: 'po_1',
  kind: index === 0 ? 'provider_payout.created' : KINDS[status],
  aggregate: 'stripe:account',
  occurredAt: new Date(T0 + second * 1000),
  sourceId: `evt_${String(index)}`,
  payload: {
    amount: 9_000,
    currency: 'USD',
    status,
    failureCode: status === 'failed' ? 'account_closed' : null,
    arrivesAt: new Date(T0 + 86_400_000).toISOString(),
    createdAt: new Date(T0).toISOString(),
    ...more,
  },
  before: null,
  id: `fact_${String(index)}`,
  seq: BigInt(index),
});
const lifeOf = (...statuses: ProviderPayoutStatus[]): Stored<ProviderPayoutFact>[] =>
  statuses.map((status, index) => fact(status, index));

const journalOf = (facts: readonly Stored<ProviderPayoutFact>[]): JournalDraft[] => {
  const state = foldProviderPayout(facts);
  return state ? providerPayoutJournal(state, identity) : [];
};
const keysOf = (facts: readonly Stored<ProviderPayoutFact>[]): string[] =>
  journalOf(facts).map(({ idempotencyKey }) => idempotencyKey);

const SENT = 'stripe:po_1:sent';
const ARRIVED = 'stripe:po_1:arrived';
const BACK = [`${SENT}:reversal`, `${ARRIVED}:reversal`] as const;

describe('providerPayoutJournal', () => {
  it.each<[string, ProviderPayoutStatus[], string[]]>([
    ['begun', ['pending'], [SENT]],
    ['on its way', ['pending', 'in_transit'], [SENT]],
    ['arrived', ['pending', 'in_transit', 'paid'], [SENT, ARRIVED]],
    ['arrived, and nobody told before', ['paid'], [SENT, ARRIVED]],
    ['failed', ['pending', 'failed'], [SENT, BACK[0]]],
    ['sent back after it was paid', ['pending', 'paid', 'failed'], [SENT, BACK[0], ARRIVED, BACK[1]]],
    ['canceled', ['pending', 'canceled'], [SENT, BACK[0]]],
  ])('%s', (_name, statuses, keys) => {
    expect(keysOf(lifeOf(...statuses))).toEqual(keys);
  });

  it('is dated by the provider', () => {
    expect(journalOf(lifeOf('pending', 'paid')).map(({ occurredAt }) => occurredAt.getTime())).toEqual([
      T0,
      T0 + 86_400_000,
    ]);
  });

  it('leaves nothing when the bank sends it back', () => {
    const sums: Record<string, bigint> = {};
    for (const { account, amount } of journalOf(lifeOf('pending', 'paid', 'failed')).flatMap(
      ({ entries }) => entries,
    )) {
      sums[account] = (sums[account] ?? 0n) + amount;
    }
    expect(sums).toEqual({ 'stripe.clearing': 0n, 'payouts.transit': 0n, 'bank.account': 0n });
  });

  it('takes from the bank what the balance lacks', () => {
    const [sent] = journalOf([fact('pending', 0, { amount: -700 })]);
    expect(sent?.entries).toEqual([
      { account: 'payouts.transit', amount: -700n, currency: 'USD' },
      { account: 'stripe.clearing', amount: 700n, currency: 'USD' },
    ]);
    expect(sent?.customerId).toBeNull();
  });
});

describe('foldProviderPayout', () => {
  it('is nothing before it is told of', () => {
    expect(foldProviderPayout([])).toBeNull();
  });

  it('knows within one second that what has failed had been paid before', () => {
    const all = (['pending', 'in_transit', 'paid', 'failed'] as const).map((status, i) => fact(status, i, {}, 0));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 4 }), (heard) => {
        expect(foldProviderPayout(heard)).toMatchObject({ payload: { status: 'failed' }, undecided: false });
      }),
    );
  });

  const anyLife = fc
    .tuple(fc.constantFrom('failed', 'canceled', null), fc.subarray(['pending', 'in_transit', 'paid'] as const))
    .map(([end, way]): ProviderPayoutStatus[] => [...way, ...(end === null ? [] : [end])])
    .filter((statuses) => statuses.length > 0);

  it('only ever adds postings, and never changes one', () => {
    fc.assert(
      fc.property(
        anyLife.chain((statuses) => {
          const life = lifeOf(...statuses);
          return fc.tuple(fc.constant(life), fc.shuffledSubarray(life));
        }),
        ([life, heard]) => {
          const whole = new Map(journalOf(life).map((draft) => [draft.idempotencyKey, contentOf(draft)]));
          for (const draft of journalOf(heard)) expect(whole.get(draft.idempotencyKey)).toBe(contentOf(draft));
        },
      ),
    );
  });
});
