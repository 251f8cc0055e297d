import { changesOf, planRecord, reachesSubscribers } from './plan-record';

const plan = {
  name: 'Pro',
  description: 'For teams',
  trialDays: 14,
  graceDays: 7,
  active: true,
  refundAccess: 'end',
  disputeAccess: 'suspend',
  dunning: null,
  position: 1,
  features: [
    { key: 'seats', limit: 10n },
    { key: 'audit_export', limit: null },
  ],
};

describe('what changed about a plan', () => {
  it.each<[string, object, boolean]>([
    ['name', { name: 'Professional' }, false],
    ['description', { description: '' }, false],
    ['trialDays', { trialDays: 0 }, false],
    ['active', { active: false }, false],
    ['position', { position: 0 }, false],
    ['graceDays', { graceDays: 8 }, true],
    ['features', { features: [{ key: 'seats', limit: 11n }] }, true],
    ['refundAccess', { refundAccess: 'keep' }, true],
    ['disputeAccess', { disputeAccess: 'keep' }, true],
    ['features', { features: [] }, true],
    ['features', { features: [...plan.features, { key: 'projects', limit: 0n }] }, true],
  ])('%s: %j reaches subscribers: %p', (field, change, reaches) => {
    const difference = changesOf(planRecord(plan), planRecord({ ...plan, ...change }));
    expect(Object.keys(difference!.after)).toEqual([field]);
    expect(Object.keys(difference!.before)).toEqual([field]);
    expect(reachesSubscribers(difference!)).toBe(reaches);
  });

  it('is nothing where only the order of features differs', () => {
    const features = [...plan.features].reverse();
    expect(changesOf(planRecord(plan), planRecord({ ...plan, features }))).toBeNull();
  });

  it('tells no limit from a limit of nothing, and limits beyond 2^53 apart', () => {
    const of = (limit: bigint | null) => planRecord({ ...plan, features: [{ key: 'seats', limit }] });
    expect(changesOf(of(null), of(0n))).not.toBeNull();
    expect(changesOf(of(2n ** 53n), of(2n ** 53n + 1n))).not.toBeNull();
  });
});
