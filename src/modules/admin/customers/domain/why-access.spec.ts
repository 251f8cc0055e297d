import fc from 'fast-check';
import { END_REASONS, explainAccess, type EndReason, type ExplainedGrant } from './why-access';

const NOW = new Date('2026-06-01T00:00:00Z');
const BEFORE = new Date('2026-05-01T00:00:00Z');
const AFTER = new Date('2026-07-01T00:00:00Z');

const grantOf = (changes: Partial<ExplainedGrant> = {}): ExplainedGrant => ({
  id: 'grant_1',
  source: 'stripe',
  sourceId: 'sub_1',
  limit: null,
  additive: false,
  until: AFTER,
  revokedAt: null,
  createdAt: BEFORE,
  subscription: { status: 'active' },
  ...changes,
});
const explain = (...grants: ExplainedGrant[]) =>
  explainAccess({ key: 'seats', name: 'Seats', type: 'limit', grants }, NOW);

describe('why access', () => {
  it('is given by a live grant, and says by which', () => {
    expect(explain(grantOf({ limit: 3n }))).toMatchObject({
      granted: true,
      reason: 'granted',
      limit: 3n,
      until: AFTER,
      grants: [{ live: true, endedBecause: null }],
    });
  });

  it('was never given', () => {
    expect(explain()).toMatchObject({ granted: false, reason: 'never_granted', grants: [] });
  });

  it.each<[string, Partial<ExplainedGrant>, EndReason]>([
    ['a canceled subscription', { revokedAt: BEFORE, subscription: { status: 'canceled' } }, 'subscription_ended'],
    ['one that was never paid', { revokedAt: BEFORE, subscription: { status: 'incomplete_expired' } }, 'not_paid'],
    ['one waiting for its first payment', { revokedAt: BEFORE, subscription: { status: 'incomplete' } }, 'not_paid'],
    ['an unpaid one', { revokedAt: BEFORE, subscription: { status: 'unpaid' } }, 'not_paid'],
    ['a paused one', { revokedAt: BEFORE, subscription: { status: 'paused' } }, 'paused'],
    ['one past due without grace', { revokedAt: BEFORE, subscription: { status: 'past_due' } }, 'grace_over'],
    ['another plan', { revokedAt: BEFORE, subscription: { status: 'active' } }, 'not_in_plan'],
    ['another plan on trial', { revokedAt: BEFORE, subscription: { status: 'trialing' } }, 'not_in_plan'],
    ['a status of tomorrow', { revokedAt: BEFORE, subscription: { status: 'asleep' } }, 'source_ended'],
    ['an operator', { revokedAt: BEFORE, source: 'manual', subscription: null }, 'revoked_by_operator'],
    ['a contract', { revokedAt: BEFORE, source: 'contract', subscription: null }, 'source_ended'],
    ['the end of the period', { until: BEFORE }, 'period_over'],
    ['the end of grace', { until: BEFORE, subscription: { status: 'past_due' } }, 'grace_over'],
    ['the moment itself', { until: NOW }, 'period_over'],
  ])('was ended by %s', (_what, changes, endedBecause) => {
    expect(explain(grantOf(changes))).toMatchObject({ granted: false, grants: [{ live: false, endedBecause }] });
  });

  it('shows the live grants first, then the latest', () => {
    const at = (month: number): Date => new Date(Date.UTC(2026, month));
    const shown = explain(
      grantOf({ id: 'old', until: BEFORE, createdAt: at(0) }),
      grantOf({ id: 'live', createdAt: at(1) }),
      grantOf({ id: 'late', until: BEFORE, createdAt: at(2) }),
    );
    expect(shown.grants.map(({ grant }) => grant.id)).toEqual(['live', 'late', 'old']);
  });

  it('gives a reason for exactly the grants that are not live, and access for any that is', () => {
    const some = fc.record({
      until: fc.constantFrom(null, BEFORE, NOW, AFTER),
      revokedAt: fc.constantFrom(null, BEFORE),
      source: fc.constantFrom('stripe', 'manual', 'pod'),
      subscription: fc.constantFrom(null, { status: 'active' }, { status: 'canceled' }, { status: 'past_due' }),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 5 }), (list) => {
        const { granted, grants } = explain(...list.map((changes) => grantOf(changes)));
        expect(granted).toBe(grants.some(({ live }) => live));
        expect(grants).toHaveLength(list.length);
        for (const { live, endedBecause } of grants) {
          expect(endedBecause === null).toBe(live);
          if (endedBecause) expect(END_REASONS).toContain(endedBecause);
        }
      }),
    );
  });
});
