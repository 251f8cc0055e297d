import fc from 'fast-check';
import { accessReason, resolveAccess, type Grant } from './resolve-access';

const at = new Date('2026-03-01T00:00:00Z');
const grant = (over: Partial<Grant> = {}): Grant => ({
  source: 'stripe',
  sourceId: 'sub_1',
  limit: null,
  additive: false,
  until: null,
  revokedAt: null,
  ...over,
});
const feature = (...grants: Grant[]) => ({ key: 'seats', type: 'limit' as const, grants });

describe('resolveAccess', () => {
  it.each<[string, Grant[], boolean, bigint | null]>([
    ['nothing', [], false, null],
    ['an unlimited grant', [grant()], true, null],
    ['the end itself', [grant({ until: at })], false, null],
    ['a millisecond before the end', [grant({ until: new Date(at.getTime() + 1) })], true, null],
    ['a revoked grant', [grant({ revokedAt: new Date(0) })], false, null],
    ['the more generous of two limits', [grant({ limit: 5n }), grant({ limit: 9n })], true, 9n],
    ['no limit beats any', [grant({ limit: 5n }), grant()], true, null],
    ['a limit of zero', [grant({ limit: 0n })], true, 0n],
    ['credit beside a limit', [grant({ limit: 5n }), grant({ limit: 9n, additive: true })], true, 14n],
    ['credit twice', [grant({ limit: 9n, additive: true }), grant({ limit: 9n, additive: true })], true, 18n],
    ['credit beside no limit', [grant(), grant({ limit: 9n, additive: true })], true, null],
    ['an expired grant adds nothing', [grant({ limit: 5n }), grant({ limit: 9n, until: at })], true, 5n],
  ])('%s', (_name, grants, granted, limit) => {
    expect(resolveAccess(feature(...grants), at)).toMatchObject({ granted, limit });
  });

  it('reaches as far as the longest grant', () => {
    const near = new Date('2026-03-02T00:00:00Z');
    const far = new Date('2026-04-02T00:00:00Z');
    expect(resolveAccess(feature(grant({ until: near }), grant({ until: far })), at).until).toEqual(far);
    expect(resolveAccess(feature(grant({ until: near }), grant()), at).until).toBeNull();
  });

  it('does not depend on the order of the grants', () => {
    const arbitrary = fc.record({
      source: fc.constantFrom('stripe', 'apple'),
      sourceId: fc.string(),
      limit: fc.option(fc.bigInt({ min: 0n, max: 1000n })),
      additive: fc.boolean(),
      until: fc.option(fc.date({ noInvalidDate: true })),
      revokedAt: fc.option(fc.date({ noInvalidDate: true })),
    });
    fc.assert(
      fc.property(fc.array(arbitrary), (grants) => {
        const a = resolveAccess(feature(...grants), at);
        const b = resolveAccess(feature(...[...grants].reverse()), at);
        expect([b.granted, b.limit, b.until]).toEqual([a.granted, a.limit, a.until]);
      }),
    );
  });

  it.each<[string, Grant[], string]>([
    ['granted', [grant(), grant({ until: at })], 'granted'],
    ['expired', [grant({ until: at }), grant({ revokedAt: at })], 'expired'],
    ['revoked', [grant({ revokedAt: at })], 'revoked'],
    ['never granted', [], 'never_granted'],
  ])('says why: %s', (_name, grants, reason) => {
    expect(accessReason(feature(...grants), at)).toBe(reason);
  });
});
